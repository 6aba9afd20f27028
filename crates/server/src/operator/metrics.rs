//! `/metrics` for Prometheus.
//!
//! Owns: names, help and units of the metrics. Never: anything about a person, nor what would
//! tell a booked entry from a sold-out one before outcomes are published: no units left, and
//! held-back entries count as *registered*.

use super::Operator;
use crate::console::Watched;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use node::metrics::{Histogram, Stated};
use node::{CampaignView, NodeStatus};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use types::{Millis, PoolNo};

/// Buckets end at powers of two less one, at which the node's finer ones end, too: always the
/// same bounds, so that histograms can be added and compared over time.
const BOUND_BITS_MIN: u32 = 2;
/// The last bound: 2^30 is 18 minutes in microseconds, or 1 GiB.
const BOUND_BITS_MAX: u32 = 30;
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counters and histograms of the node, for Prometheus. Needs no token: it says nothing that is
/// not public, or will be.
#[utoipa::path(get, path = "/metrics", tag = "operator",
    responses((status = 200, description = "OpenMetrics text",
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8")))]
pub(super) async fn metrics(
    State(operator): State<Arc<Operator>>,
) -> Result<impl IntoResponse, Problem> {
    let mut registry = Registry::with_prefix("tidegate");
    registry.register_collector(Box::new(Scrape { operator }));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)
        .expect("writing to a string cannot fail");
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], text))
}

/// One look at everything.
struct Scrape {
    operator: Arc<Operator>,
}

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl Collector for Scrape {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let node = &self.operator.node;
        let metrics = node.metrics();
        let counters = [
            ("arrivals", "Requests taken into the queue", &metrics.arrivals),
            ("shed", "Requests turned away because the queue was full", &metrics.shed),
            ("frames", "Frames appended to the journal", &metrics.frames),
            ("commands", "Commands applied to the ledger", &metrics.commands),
            ("previewed", "Commands answered without the journal", &metrics.previewed),
            ("reads", "Look-ups run between frames", &metrics.reads),
            ("journal_bytes", "Bytes appended to the journal", &metrics.journal_bytes),
            ("snapshots_failed", "Snapshots that could not be made", &metrics.snapshots_failed),
        ];
        for (name, help, value) in counters {
            counter(&mut to, name, help, value.load(Relaxed))?;
        }
        outcomes(&mut to, metrics)?;
        turned_away(&mut to, metrics)?;
        let histograms = [
            ("frame_commands", "Commands in a frame", &metrics.frame_commands),
            ("frame_bytes", "Payload bytes of a frame", &metrics.frame_bytes),
            ("sync_microseconds", "From a frame's write to the end of its sync", &metrics.sync_us),
            (
                "ack_microseconds",
                "From a request's place in the queue to its answer",
                &metrics.ack_us,
            ),
        ];
        for (name, help, values) in histograms {
            histogram(&mut to, name, help, values)?;
        }
        status(&mut to, &node.status())?;
        clock_behind(&mut to, node.clock_behind_millis())?;
        let snapshot = metrics.snapshot_frame.load(Relaxed);
        gauge(&mut to, "snapshot_frame", "The frame of the newest snapshot", snapshot)?;
        console(&mut to, &self.operator.watched)?;
        stated(&mut to, metrics.stated())?;
        campaigns(&mut to, &node.view().campaigns, self.operator.now())
    }
}

fn counter(to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let metric = ConstCounter::new(value);
    metric.encode(to.encode_descriptor(name, help, None, metric.metric_type())?)
}

fn gauge(to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let metric = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    metric.encode(to.encode_descriptor(name, help, None, metric.metric_type())?)
}

fn console(to: &mut DescriptorEncoder<'_>, watched: &Watched) -> fmt::Result {
    let help = "Times that a live page of the console was rendered, once for all who watch it";
    counter(to, "console_renderings", help, watched.renderings.load(Relaxed))?;
    let help = "Live pages of the console that are open";
    gauge(to, "console_streams", help, watched.streams.load(Relaxed))
}

fn outcomes(to: &mut DescriptorEncoder<'_>, metrics: &node::Metrics) -> fmt::Result {
    let kind = prometheus_client::metrics::MetricType::Counter;
    let help = "Outcomes by code; a held-back entry counts as registered, whatever was decided";
    let mut family = to.encode_descriptor("outcomes", help, None, kind)?;
    for (code, count) in metrics.outcomes() {
        let metric = ConstCounter::new(count);
        metric.encode(family.encode_family(&[("outcome", code)])?)?;
    }
    Ok(())
}

fn turned_away(to: &mut DescriptorEncoder<'_>, metrics: &node::Metrics) -> fmt::Result {
    let kind = prometheus_client::metrics::MetricType::Counter;
    let help = "Requests the gate answered at the door, by code";
    let mut family = to.encode_descriptor("turned_away", help, None, kind)?;
    for (code, count) in metrics.turned_away.counts().filter(|(_, count)| 0 < *count) {
        let metric = ConstCounter::new(count);
        metric.encode(family.encode_family(&[("code", code)])?)?;
    }
    Ok(())
}

fn histogram(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: &Histogram,
) -> fmt::Result {
    let kind = prometheus_client::metrics::MetricType::Histogram;
    let snapshot = values.snapshot();
    let cumulative: Vec<_> = snapshot.cumulative().collect();
    let mut before = 0;
    let mut buckets: Vec<(f64, u64)> = (BOUND_BITS_MIN..=BOUND_BITS_MAX)
        .map(|bits| {
            let bound = (1_u64 << bits) - 1;
            let within = cumulative.iter().take_while(|(upper, _)| *upper <= bound);
            let below = within.last().map_or(0, |(_, below)| *below);
            // The encoder adds the buckets up.
            let inside = below - before;
            before = below;
            (bound as f64, inside)
        })
        .collect();
    buckets.push((f64::INFINITY, snapshot.count() - before));
    let mut encoder = to.encode_descriptor(name, help, None, kind)?;
    let exemplars: Option<&HashMap<usize, Exemplar<NoLabelSet, f64>>> = None;
    encoder.encode_histogram(snapshot.sum() as f64, snapshot.count(), &buckets, exemplars)
}

fn status(to: &mut DescriptorEncoder<'_>, status: &NodeStatus) -> fmt::Result {
    gauge(to, "frame", "The last frame applied", status.frame)?;
    gauge(to, "queue", "Requests that wait for the sequencer", status.queue as u64)?;
    let ready = u64::from(status.state == node::State::Ready);
    gauge(to, "ready", "Whether the node takes requests", ready)
}

fn clock_behind(to: &mut DescriptorEncoder<'_>, millis: u64) -> fmt::Result {
    let help = "By how much the clock lies before the journal's time, which stands meanwhile";
    let metric = ConstGauge::new(millis as f64 / 1_000.0);
    let name = "clock_behind_seconds";
    metric.encode(to.encode_descriptor(name, help, None, metric.metric_type())?)
}

fn stated(to: &mut DescriptorEncoder<'_>, stated: Option<Stated>) -> fmt::Result {
    let Some(Stated { frame, chain, ledger }) = stated else { return Ok(()) };
    let kind = prometheus_client::metrics::MetricType::Gauge;
    let help = "The frame of a hash of the whole state, the same on every node and after replay, \
                and of a hash of the journal up to it (chain)";
    let mut family = to.encode_descriptor("ledger_hash_frame", help, None, kind)?;
    let metric = ConstGauge::new(i64::try_from(frame.0).unwrap_or(i64::MAX));
    let labels = [("hash", ledger.to_string()), ("chain", chain.to_string())];
    metric.encode(family.encode_family(&labels)?)
}

fn campaigns(
    to: &mut DescriptorEncoder<'_>,
    campaigns: &[Arc<CampaignView>],
    now: Millis,
) -> fmt::Result {
    let kind = prometheus_client::metrics::MetricType::Gauge;
    let mut family = to.encode_descriptor("entries", "Entries accepted", None, kind)?;
    for view in campaigns {
        let metric = ConstGauge::new(i64::from(view.entries()));
        let label = [("campaign", view.definition.code.as_str())];
        metric.encode(family.encode_family(&label)?)?;
    }
    let help = "Units nobody holds; only where outcomes are published";
    let mut family = to.encode_descriptor("units_left", help, None, kind)?;
    for view in campaigns {
        let Some(units) = units_left(view, now) else { continue };
        let metric = ConstGauge::new(i64::try_from(units).unwrap_or(i64::MAX));
        let label = [("campaign", view.definition.code.as_str())];
        metric.encode(family.encode_family(&label)?)?;
    }
    Ok(())
}

fn units_left(view: &CampaignView, now: Millis) -> Option<u64> {
    let pools = (0..view.pools().len()).map(PoolNo::from_index);
    pools.map(|pool| view.free(pool, now).map(u64::from)).sum()
}
