//! `/errors` and `/errors/{code}`: the pages of `docs/errors`, carried in the program.
//!
//! Owns: the little Markdown they use: headings, paragraphs, lists, tables, links, `code`; and
//! which of them are translated: those that people and outlets meet, not those of operators alone.
//! Never: HTML from elsewhere: every character of a page is escaped.

use super::{Asked, Named, Page, plain};
use crate::language::Language;
use crate::problem::{self, Problem};
use crate::texts::OwnName;
use askama::Template;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::fmt::Write as _;

#[derive(RustEmbed)]
#[folder = "../../docs/errors"]
struct Articles;

/// For those who enter, look up, cancel or collect, and for those at the counter.
#[derive(RustEmbed)]
#[folder = "../../docs/errors.zh-CN"]
struct ChineseArticles;

/// A folder of pages: the bytes of one of its files.
type Folder = fn(&str) -> Option<EmbeddedFile>;

/// The languages that have pages of their own. Whoever reads another gets the sentence for people
/// in it, and the page in English.
const TRANSLATED: [(&str, Folder); 1] = [("zh-CN", ChineseArticles::get)];

#[derive(Template)]
#[template(path = "article.html")]
struct ArticlePage<'a> {
    page: &'a Page,
    title: &'a str,
    /// The language of `html`, which need not be the page's.
    language: Language,
    /// What a page says of it to people, before an article that speaks to programs as well.
    in_short: Option<String>,
    html: &'a str,
    /// Whether the page is the language's own, and not the English one.
    is_translated: bool,
    /// Whether it is in English because only operators meet it, and its reader reads another
    /// language.
    is_foreign: bool,
    english: &'static OwnName,
}

#[derive(Template)]
#[template(path = "articles.html")]
struct ArticlesPage<'a> {
    page: &'a Page,
    /// What people and outlets meet.
    common: Vec<Line>,
    /// What operators alone meet.
    of_operators: Vec<Line>,
}

/// One code of the list, and in a few words what it is, if it is one of the public problems.
struct Line {
    code: String,
    title: &'static str,
}

/// `GET /errors`
pub(super) async fn index(asked: Asked, headers: HeaderMap) -> Response {
    let page = Page::new("/errors".into(), &asked, &headers);
    let codes = Articles::iter().filter_map(|file| file.strip_suffix(".md").map(str::to_owned));
    let lines = codes.map(|code| Line {
        title: problem::public(&code).map_or("", |public| &page.t.problem(public.code).title),
        code,
    });
    let (common, of_operators) = lines.partition(|line| is_for_people(&line.code));
    page.answer(StatusCode::OK, &ArticlesPage { page: &page, common, of_operators })
}

/// `GET /errors/{code}`
pub(super) async fn show(Named(code): Named, asked: Asked, headers: HeaderMap) -> Response {
    let page = Page::new(format!("/errors/{code}"), &asked, &headers);
    let file = format!("{code}.md");
    let own = TRANSLATED.iter().find(|(tag, _)| *tag == page.language.tag());
    let own = own.and_then(|(_, folder)| folder(&file));
    let is_for_people = is_for_people(&code);
    let (language, in_short) = match &own {
        Some(_) => (page.language, None),
        None => (Language::default(), in_short(&code, page.language).filter(|_| is_for_people)),
    };
    let Some(article) = own.or_else(|| Articles::get(&file)) else {
        return page.problem(&Problem::of("no-such-page", page.language));
    };
    let html = to_html(&String::from_utf8_lossy(&article.data), &page.query);
    let view = ArticlePage {
        page: &page,
        title: &code,
        language,
        in_short,
        html: &html,
        is_translated: language != Language::default(),
        is_foreign: language != page.language && !is_for_people,
        english: &Language::default().texts().language,
    };
    page.answer(StatusCode::OK, &view)
}

/// Whether a problem can reach people who made no call knowingly: it has a page in
/// other languages.
pub(super) fn is_for_people(code: &str) -> bool {
    ChineseArticles::get(&format!("{code}.md")).is_some()
}

fn in_short(code: &str, language: Language) -> Option<String> {
    let problem = Problem::of(problem::public(code)?.code, language);
    Some(plain::detail(&problem, language).to_owned())
}

/// The subset of Markdown in `docs/errors` as HTML, whose links end with `query`.
fn to_html(markdown: &str, query: &str) -> String {
    let inline = |text: &str| inline(text, query);
    let mut html = String::with_capacity(markdown.len() * 2);
    for block in markdown.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let heading = |level: usize, text: &str| format!("<h{level}>{}</h{level}>", inline(text));
        if let Some(text) = block.strip_prefix("# ") {
            html.push_str(&heading(1, text));
        } else if let Some(text) = block.strip_prefix("## ") {
            html.push_str(&heading(2, text));
        } else if let Some(list) = block.strip_prefix("- ") {
            let items = list.split("\n- ").map(|item| format!("<li>{}</li>", inline(item)));
            write!(html, "<ul>{}</ul>", items.collect::<String>())
                .expect("writing to a string cannot fail");
        } else if block.starts_with("1. ") {
            let steps = block.lines().filter_map(|line| line.split_once(". "));
            let items = steps.map(|(_, item)| format!("<li>{}</li>", inline(item)));
            write!(html, "<ol>{}</ol>", items.collect::<String>())
                .expect("writing to a string cannot fail");
        } else if block.starts_with('|') {
            html.push_str(&table(block, query));
        } else {
            write!(html, "<p>{}</p>", inline(block)).expect("writing to a string cannot fail");
        }
    }
    html
}

/// A table: headings, a line of dashes, rows.
fn table(block: &str, query: &str) -> String {
    let row = |line: &str, cell: &str| {
        let cells = line.trim_matches('|').split('|');
        let cells = cells.map(|text| format!("<{cell}>{}</{cell}>", inline(text.trim(), query)));
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let head = block.lines().take(1).map(|line| row(line, "th"));
    let rows = block.lines().skip(2).map(|line| row(line, "td"));
    format!("<table>{}</table>", head.chain(rows).collect::<String>())
}

/// Text with links and `code` in it, escaped. A link to another of these pages leads there; one
/// to a document that the program does not carry is left as its words.
fn inline(text: &str, query: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, words, target, after)) = next_link(rest) {
        html.push_str(&coded(before));
        match target.strip_suffix(".md").filter(|code| !code.contains('/')) {
            Some(code) => {
                write!(html, "<a href=\"/errors/{}{query}\">{}</a>", escape(code), coded(words))
                    .expect("writing to a string cannot fail");
            }
            None => html.push_str(&coded(words)),
        }
        rest = after;
    }
    html.push_str(&coded(rest));
    html
}

/// What stands before the first link, its words, its target, and what stands after it.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, tail) = text.split_once("](")?;
    let (before, words) = head.rsplit_once('[')?;
    let (target, after) = tail.split_once(')')?;
    Some((before, words, target, after))
}

/// Text with `code` in it, escaped.
fn coded(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for (place, part) in escape(text).split('`').enumerate() {
        if place % 2 == 1 {
            write!(html, "<code>{part}</code>").expect("writing to a string cannot fail");
        } else {
            html.push_str(part);
        }
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Articles, ChineseArticles, is_for_people, to_html};

    #[test]
    fn pages_become_html_and_nothing_slips_through() {
        let html = to_html("# `x`\n\nA <b> & `c`.\n\n- one\n- two\n", "");
        let expected = "<h1><code>x</code></h1><p>A &lt;b&gt; &amp; <code>c</code>.</p>\
                        <ul><li>one</li><li>two</li></ul>";
        assert_eq!(html, expected);
        let html = to_html("1. a\n2. b. c\n\n| h | i |\n|---|---|\n| `x` | y |\n", "");
        let expected = "<ol><li>a</li><li>b. c</li></ol><table><tr><th>h</th><th>i</th></tr>\
                        <tr><td><code>x</code></td><td>y</td></tr></table>";
        assert_eq!(html, expected);
        let html =
            to_html("See [`a-b`](a-b.md) and [the file](../file.md), [or] (not).", "?lang=zh");
        let expected = "<p>See <a href=\"/errors/a-b?lang=zh\"><code>a-b</code></a> and the \
                        file, [or] (not).</p>";
        assert_eq!(html, expected);
    }

    #[test]
    fn chinese_pages_are_made_like_the_english_ones() {
        for file in ChineseArticles::iter() {
            let code = file.strip_suffix(".md").expect("pages are Markdown");
            assert!(Articles::get(&file).is_some(), "{code}: has no English page");
            let page = ChineseArticles::get(&file).expect("it was listed");
            let page = String::from_utf8_lossy(&page.data);
            assert!(page.starts_with(&format!("# `{code}`\n\n")), "{code}: the heading");
            for section in ["\n## 发生了什么\n", "\n## 怎么办\n"] {
                assert_eq!(page.matches(section).count(), 1, "{code}: {section}");
            }
        }
    }

    #[test]
    fn whatever_a_form_can_be_told_is_told_in_chinese_too() {
        // These answer calls that neither a page nor a counter makes.
        let of_programs = [
            "batch-too-large",
            "idempotency-key-missing",
            "invalid-host",
            "invalid-idempotency-key",
            "malformed-json",
            "not-ready",
            "unsupported-content-encoding",
            "unsupported-media-type",
            "unsupported-transfer-encoding",
        ];
        for text in crate::problem::PUBLIC {
            assert!(is_for_people(text.code) || of_programs.contains(&text.code), "{}", text.code);
        }
    }
}
