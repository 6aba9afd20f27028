# Tidegate as an image: built from this tree, run as an ordinary user on a plain Debian.
#
#   docker build -t tidegate .
#   docker run --read-only --publish 8080:8080 --volume tidegate:/var/lib/tidegate tidegate
#
# The volume is the only place that is written to. It holds the journal and the keys; put it on
# a disk whose fsync tells the truth, and give it to one container at a time.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --package tidegate

FROM debian:bookworm-slim
RUN groupadd --gid 10001 tidegate \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/tidegate \
        --shell /usr/sbin/nologin tidegate \
    && install --directory --owner tidegate --group tidegate --mode 0700 /var/lib/tidegate
COPY --from=build /src/target/dist/tidegate /usr/bin/tidegate
COPY --from=build /src/LICENSE /usr/share/doc/tidegate/LICENSE

USER 10001:10001
WORKDIR /var/lib/tidegate
VOLUME /var/lib/tidegate
EXPOSE 8080
# Tidegate answers what it has accepted before it ends; give it a minute:
# `docker stop --time 60`.
STOPSIGNAL SIGTERM
# Ready is false while the journal is replayed, which takes seconds with millions of entries.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["/usr/bin/tidegate", "health", "--url", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["/usr/bin/tidegate"]
CMD ["serve", "--data", "/var/lib/tidegate", "--listen", "0.0.0.0:8080"]
