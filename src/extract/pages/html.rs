//! HTML pages: every element and attribute that carries a URL, inline scripts, forms.
//!
//! Owns: walking the tree. Leaves out: a form's controls (`forms.rs`) and what scripts contain
//! (`script`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scraper::{ElementRef, Html, Node};

use super::super::found::{Call, Found};
use super::{css, curl, forms, headers, script, text};
use crate::http::Method;
use crate::surface::Provenance;

/// Attributes whose whole value is one URL, on any element.
const URL_ATTRIBUTES: [&str; 18] = [
    "href",
    "src",
    "xlink:href",
    "data",
    "cite",
    "background",
    "poster",
    "longdesc",
    "manifest",
    "profile",
    "lowsrc",
    "dynsrc",
    "icon",
    "usemap",
    "url",
    "formaction",
    "action",
    "itemid",
];

/// Attributes that never contain a URL even if their values look like one.
const NOT_URLS: [&str; 4] = ["class", "id", "d", "pattern"];

/// Attributes written for people: their text may mention a path.
const WORDS: [&str; 5] = ["alt", "title", "placeholder", "aria-label", "summary"];

/// The deepest tree that is parsed whole; deeper pages are cut, because tree building is quadratic in
/// depth.
const MAX_DEPTH: usize = 1_500;

/// Reads a whole page.
pub fn page(body: &str) -> Found {
    let mut found = Found::default();
    read(body, &mut found, true);
    found
}

/// Reads markup inside something else: a string of a script, a comment, an attribute. Markup nested
/// inside that is skipped, so hostile nesting cannot go deep.
pub(super) fn fragment(markup: &str, found: &mut Found) {
    read(markup, found, false);
}

fn code(code: &str, outermost: bool) -> Found {
    if outermost {
        script::scripts(code)
    } else {
        script::plain(code)
    }
}

fn read(body: &str, found: &mut Found, outermost: bool) {
    let (body, cut) = bounded(body);
    found.cut |= cut;
    let tree = Html::parse_document(body);
    let mut after_script = false;
    // A method and its path may be in two separate elements.
    let mut methods = text::Methods::default();
    for node in tree.tree.root().descendants() {
        match node.value() {
            Node::Element(_) => {
                if let Some(element) = ElementRef::wrap(node) {
                    let name = element.value().name();
                    after_script = matches!(name, "script" | "style");
                    if matches!(name, "li" | "p" | "tr") {
                        methods = text::Methods::default();
                    }
                    element_links(element, found, outermost);
                }
            }
            // Conditional comments and commented-out menus contain markup.
            Node::Comment(comment) if outermost => {
                let inner = comment.trim();
                if inner.contains('<') {
                    read(inner, found, false);
                }
                text::paths(inner, found);
            }
            Node::Doctype(doctype) => {
                let system = doctype.system_id();
                if !system.is_empty() {
                    found.link(system);
                }
            }
            Node::Text(words) if !after_script => {
                methods = text::sentence(words, std::mem::take(&mut methods), found);
            }
            _ => {}
        }
    }
    let forms = forms::forms(&tree, found);
    if outermost {
        forms::join(&forms, found);
    }
}

fn element_links(element: ElementRef<'_>, found: &mut Found, outermost: bool) {
    let name = element.value().name();
    match name {
        "base" => {
            if let Some(href) = element.value().attr("href") {
                found.base.get_or_insert_with(|| href.trim().to_owned());
            }
            return;
        }
        "script" => inline_script(element, found, outermost),
        "style" => css::sheet(&element.text().collect::<String>(), found),
        // With scripting on, the parser keeps the content of noscript as text.
        "noscript" | "noframes" | "iframe" if outermost => {
            let inner: String = element.text().collect();
            if inner.contains('<') {
                read(&inner, found, false);
            }
        }
        "meta" => meta(element, found),
        "object" | "applet" => embedded(element, found),
        // A highlighter splits one command into many elements.
        "pre" | "code" | "samp" | "kbd" | "textarea" => {
            let whole = element.ancestors().filter_map(ElementRef::wrap);
            if whole.into_iter().all(|outer| outer.value().name() != "pre") {
                curl::commands(&element.text().collect::<String>(), found);
            }
        }
        _ => {}
    }
    let is_form = name == "form";
    let is_button = matches!(name, "button" | "input");
    for (key, value) in element.value().attrs() {
        let value = value.trim();
        if value.is_empty() || is_form && key == "action" || is_button && key == "formaction" {
            continue;
        }
        if forms::is_method(key) || matches!(key, "hx-vals" | "data-hx-vals") {
            // `forms.rs` reads these along with the controls.
        } else if matches!(key, "srcset" | "imagesrcset") {
            for candidate in value.split(',') {
                if let Some(url) = candidate.split_whitespace().next() {
                    found.link(url);
                }
            }
        } else if matches!(key, "ping") {
            for url in value.split_whitespace() {
                found.push(Call::new(Method::Post, url, Provenance::Link));
            }
        } else if key == "srcdoc" && outermost {
            read(value, found, false);
        } else if key == "style" {
            css::sheet(value, found);
        } else if is_code(key) {
            found.absorb(code(value, outermost));
        } else if URL_ATTRIBUTES.contains(&key) {
            attribute_url(value, found, outermost);
        } else if WORDS.contains(&key) {
            text::paths(value, found);
        } else if NOT_URLS.contains(&key) {
        } else if text::looks_like_path(value) && !value.contains(',') {
            // data-url, data-endpoint, spec-url, …
            found.push(Call::link(value).tentative());
        } else if value.contains("url(") {
            css::sheet(value, found);
        } else if key.starts_with("data-") && value.starts_with(['{', '[']) {
            found.absorb(code(value, outermost));
        } else if key.starts_with("data-") || matches!((name, key), ("animate" | "set", _)) {
            text::paths(value, found);
        }
    }
}

/// Returns true for an attribute that contains a script: event handlers, and the expressions of Alpine,
/// Vue and Angular.
fn is_code(key: &str) -> bool {
    ["on", "@", ":", "v-", "x-", "ng-", "[", "("]
        .iter()
        .any(|start| key.starts_with(start))
        && !matches!(key, "ng-href" | "ng-src")
}

/// Adds the links of `object` and `applet`, which resolve them against their `codebase`.
fn embedded(element: ElementRef<'_>, found: &mut Found) {
    let attribute = |name: &str| element.value().attr(name).unwrap_or_default().trim();
    let codebase = attribute("codebase");
    let mut base = codebase.to_owned();
    if !base.is_empty() {
        found.link(codebase);
        if !base.ends_with('/') {
            base.push('/');
        }
    }
    for (name, separators) in [
        ("data", "\n"),
        ("classid", "\n"),
        ("code", "\n"),
        ("archive", ", \t\n"),
    ] {
        for value in attribute(name).split(|c| separators.contains(c)) {
            if value.is_empty() {
                continue;
            }
            let own = value.starts_with('/') || value.contains(':');
            found.link(if own {
                value.to_owned()
            } else {
                base.clone() + value
            });
        }
    }
}

fn attribute_url(value: &str, found: &mut Found, outermost: bool) {
    if let Some(statement) = strip_scheme(value, "javascript:") {
        found.absorb(code(statement, outermost));
    } else if let Some(data) = strip_scheme(value, "data:") {
        if let Some((kind, text)) = data.split_once(',').filter(|_| outermost)
            && ["svg", "html", "script"]
                .iter()
                .any(|known| kind.contains(known))
        {
            let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
            let text = if kind.contains("base64") {
                let decoded = STANDARD.decode(plain.trim()).unwrap_or_default();
                String::from_utf8_lossy(&decoded).into_owned()
            } else {
                plain.into_owned()
            };
            if kind.contains("script") {
                found.absorb(script::plain(&text));
            } else {
                read(&text, found, false);
            }
        }
    } else {
        found.link(value);
    }
}

fn strip_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let head = value.get(..scheme.len())?;
    head.eq_ignore_ascii_case(scheme)
        .then(|| &value[scheme.len()..])
}

fn inline_script(element: ElementRef<'_>, found: &mut Found, outermost: bool) {
    let text: String = element.text().collect();
    if text.trim().is_empty() {
        return;
    }
    let kind = element.value().attr("type").unwrap_or_default();
    if kind.contains("template") || kind.contains("html") {
        if outermost {
            read(&text, found, false);
        }
    } else {
        // JSON islands and import maps are read as scripts too, because only their strings matter.
        found.absorb(code(&text, outermost));
    }
}

fn meta(element: ElementRef<'_>, found: &mut Found) {
    let Some(content) = element.value().attr("content") else {
        return;
    };
    let equivalent = element.value().attr("http-equiv").unwrap_or_default();
    if equivalent.eq_ignore_ascii_case("refresh") {
        if let Some(url) = headers::refresh_url(content) {
            found.link(url);
        }
    } else if equivalent.to_ascii_lowercase().contains("security-policy") {
        headers::policy_reports(content, found);
    } else if element.value().attr("name") == Some("msapplication-config") {
        if content.trim() != "none" {
            found.link(content.trim());
        }
    } else if text::looks_like_path(content) || content.starts_with("http") {
        found.push(Call::link(content.trim()).tentative());
    }
}

/// Returns the longest head of a page that a parser can build a tree from in reasonable time and
/// memory, and whether the page had to be cut.
pub fn bounded(body: &str) -> (&str, bool) {
    let mut bounds = Bounds::default();
    let mut starts = memchr::memchr_iter(b'<', body.as_bytes());
    match starts.find(|at| !bounds.allow(body.as_bytes(), *at)) {
        Some(at) => (&body[..at], true),
        None => (body, false),
    }
}

/// What a parser would build from the tags so far.
#[derive(Default)]
struct Bounds {
    depth: usize,
    /// The same depth, but counting every tag, even those that are most likely text.
    loose_depth: usize,
    /// The number of open `<svg>` and `<math>` elements.
    foreign: usize,
    /// The number of open formatting elements such as `<b>`.
    formatting: usize,
    /// How often formatting elements were rebuilt, summed over every block that ended.
    rebuilt: usize,
    /// Where a comment or the text of a script ends.
    text_until: usize,
    /// Where the previous tag ends.
    tag_end: usize,
}

impl Bounds {
    /// Counts whatever begins at a `<`; returns false once that is too much.
    fn allow(&mut self, bytes: &[u8], at: usize) -> bool {
        let rest = &bytes[at + 1..];
        if at >= self.text_until && rest.starts_with(b"!--") {
            // `<!-->` is a complete comment.
            let end = memchr::memmem::find(&rest[1..], b"-->");
            self.text_until = end.map_or(bytes.len(), |end| at + 2 + end);
            return true;
        }
        let closing = rest.first() == Some(&b'/');
        let name = tag_name(if closing { &rest[1..] } else { rest });
        if name.is_empty() {
            return true;
        }
        if closes_itself(name) {
            self.rebuild(name, closing, at);
            return self.is_within();
        }
        if closing {
            self.loose_depth = self.loose_depth.saturating_sub(1);
        } else {
            self.loose_depth += 1;
        }
        if at >= self.text_until && !self.tag(bytes, at, name, closing) {
            return false;
        }
        if at >= self.tag_end {
            // The parser compares every attribute of an element with all previous ones.
            self.tag_end = end_of_tag(bytes, at);
            let tag = &bytes[at..self.tag_end];
            if tag.len() > LONG_TAG && attributes(tag) > MAX_ATTRIBUTES {
                return false;
            }
        }
        self.is_within()
    }

    /// Counts a tag outside a script's text; returns false if it is too deep.
    fn tag(&mut self, bytes: &[u8], at: usize, name: &[u8], closing: bool) -> bool {
        let is = |names: &[&[u8]]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        let foreign = is(&[b"svg", b"math"]);
        if closing {
            self.depth = self.depth.saturating_sub(1);
            self.foreign -= usize::from(foreign && self.foreign > 0);
        } else {
            let whole =
                (foreign || self.foreign > 0) && bytes[at..end_of_tag(bytes, at)].ends_with(b"/");
            if whole {
                return true;
            }
            self.depth += 1;
            self.foreign += usize::from(foreign);
            if self.foreign == 0 && is(&[b"script", b"style", b"textarea", b"title"]) {
                self.text_until = end_of_text(bytes, at, name);
            }
        }
        if is(&FORMATTING) {
            self.formatting = if closing {
                self.formatting.saturating_sub(1)
            } else {
                self.formatting + 1
            };
        } else {
            self.rebuild(name, closing, at);
        }
        true
    }

    /// Counts the elements that the parser rebuilds: a block that ends leaves `<b>` and similar
    /// elements open, and the parser creates them again in the next block.
    fn rebuild(&mut self, name: &[u8], closing: bool, at: usize) {
        let void = [&b"br"[..], b"img", b"input", b"wbr", b"link", b"meta"];
        let inline = !closing && name.eq_ignore_ascii_case(b"span");
        if at >= self.text_until
            && !inline
            && !void.iter().any(|known| name.eq_ignore_ascii_case(known))
        {
            self.rebuilt += self.formatting;
        }
    }

    fn is_within(&self) -> bool {
        self.depth <= MAX_DEPTH
            && self.loose_depth <= MAX_LOOSE_DEPTH
            && self.rebuilt <= MAX_REBUILT
    }
}

/// The deepest nesting if all tags count: what looks like a script's text may be tags to the parser.
const MAX_LOOSE_DEPTH: usize = 10_000;

/// The most formatting elements that are rebuilt: a page of 35 KB can demand millions.
const MAX_REBUILT: usize = 1_000_000;

/// Elements that are rebuilt after the block in which they were open.
const FORMATTING: [&[u8]; 14] = [
    b"a", b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike",
    b"strong", b"tt", b"u",
];

/// Returns where a tag ends: at its `>`, or with the page.
fn end_of_tag(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'>', &bytes[at..]).map_or(bytes.len(), |end| at + end)
}

/// Returns where the text of a script or a similar element ends: at its end tag, or with the page.
fn end_of_text(bytes: &[u8], at: usize, name: &[u8]) -> usize {
    let mut ends = memchr::memmem::find_iter(&bytes[at..], b"</");
    let end = ends.find(|end| {
        let found = bytes.get(at + end + 2..at + end + 2 + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    });
    end.map_or(bytes.len(), |end| at + end)
}

/// The length above which a tag's attributes are counted, and the most attributes that are allowed.
const LONG_TAG: usize = 10_000;
const MAX_ATTRIBUTES: usize = 2_000;

/// Estimates how many attributes a tag has.
fn attributes(tag: &[u8]) -> usize {
    let mut quote = None;
    let mut gaps = 0;
    for byte in tag {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), _) if open == *byte => quote = None,
            (None, b' ' | b'\t' | b'\n' | b'\r' | b'/') => gaps += 1,
            _ => {}
        }
    }
    gaps
}

fn tag_name(rest: &[u8]) -> &[u8] {
    let end = rest
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    &rest[..end]
}

/// Returns true for void elements, and those whose end tag is optional.
fn closes_itself(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 34] = [
        b"area",
        b"base",
        b"body",
        b"br",
        b"col",
        b"colgroup",
        b"dd",
        b"dt",
        b"embed",
        b"frame",
        b"head",
        b"hr",
        b"html",
        b"img",
        b"input",
        b"keygen",
        b"li",
        b"link",
        b"meta",
        b"optgroup",
        b"option",
        b"p",
        b"param",
        b"rp",
        b"rt",
        b"source",
        b"tbody",
        b"td",
        b"tfoot",
        b"th",
        b"thead",
        b"tr",
        b"track",
        b"wbr",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(body: &str) -> Vec<String> {
        page(body).calls.into_iter().map(|call| call.url).collect()
    }

    #[track_caller]
    fn check(body: &str, expected: &[&str]) {
        let urls = urls(body);
        for url in expected {
            assert!(urls.iter().any(|found| found == url), "{url} in {urls:?}");
        }
    }

    #[test]
    fn every_way_of_linking_is_read() {
        check("<a href=/a>x</a>", &["/a"]);
        check("<AREA HREF='/b?c=d&amp;e=f'>", &["/b?c=d&e=f"]);
        check(
            "<img srcset='/s1 1x, /s2 2x' src=/s0>",
            &["/s0", "/s1", "/s2"],
        );
        check(
            "<meta http-equiv=Refresh content='0; URL=/next'>",
            &["/next"],
        );
        check("<object data=/o></object><embed src=/e>", &["/o", "/e"]);
        check("<blockquote cite=/q></blockquote>", &["/q"]);
        check("<noscript><a href=/ns>x</a></noscript>", &["/ns"]);
        check("<template><a href=/tpl>x</a></template>", &["/tpl"]);
        check("<!--[if IE]><a href=/ie>x</a><![endif]-->", &["/ie"]);
        check("<div style=\"background:url('/bg')\">", &["/bg"]);
        check(
            "<style>@import \"/sheet\"; b{c:url(/d)}</style>",
            &["/sheet", "/d"],
        );
        check("<button onclick=\"location.href='/go'\">", &["/go"]);
        check("<a href=\"javascript:open('/win')\">", &["/win"]);
        check("<div data-endpoint=/api/data>", &["/api/data"]);
        check("<div hx-post=/hx>", &["/hx"]);
        check("<svg><use xlink:href=/sprite /></svg>", &["/sprite"]);
        check("<iframe srcdoc=\"<a href=/doc>\"></iframe>", &["/doc"]);
        check(
            "<img src=\"data:image/svg+xml,%3Ca href='/deep'%3E\">",
            &["/deep"],
        );
        check("<p>see /docs/start for more</p>", &["/docs/start"]);
        check("<script>fetch('/f')</script>", &["/f"]);
        check("<a ping='/p1 /p2' href=/x>", &["/p1", "/p2"]);
    }

    #[test]
    fn documentation_is_read_across_its_elements() {
        let page = page(
            "<table><tr><td>POST</td><td><code>/t/&lt;id&gt;</code></td></tr><tr><td>/u</td></tr></table>\
             <div class=highlight><pre><span>curl</span> -X <span>PUT</span> <span>'/v'</span> \\\n <span>-d</span> \
             <span>'{&quot;k&quot;: &quot;…&quot;}'</span></pre></div>",
        );
        let lines: Vec<String> = (page.calls.iter())
            .map(|call| format!("{} {} {}", call.method, call.url, call.inputs.len()))
            .collect();
        for expected in ["POST /t/<id> 0", "GET /u 0", "PUT /v 1"] {
            assert!(
                lines.iter().any(|line| line == expected),
                "{expected} in {lines:?}"
            );
        }
        assert!(!lines.contains(&"GET /t/ 0".to_owned()), "{lines:?}");
    }

    #[test]
    fn a_base_is_kept_apart() {
        let found = page("<base href='/sub/'><a href=x>");
        assert_eq!(found.base.as_deref(), Some("/sub/"));
        assert_eq!(found.calls.len(), 1);
    }

    #[test]
    fn endless_nesting_is_cut_and_ends_soon() {
        let deep = "<div><b x=1>".repeat(200_000) + "<a href=/end>";
        let start = std::time::Instant::now();
        let found = page(&deep);
        assert!(found.cut);
        assert!(start.elapsed().as_secs() < 20);
    }

    #[test]
    fn blocks_that_leave_countless_elements_open_are_cut() {
        let open: String = (0..1_400).fold(String::new(), |text, n| text + &format!("<b a{n}>"));
        let page = format!("<p>{open}{}", "<p>x".repeat(5_000));
        let (head, cut) = bounded(&page);
        assert!(cut);
        assert!(head.matches("<p>").count() < 1_000);
    }

    #[test]
    fn ordinary_pages_of_many_tags_are_read_to_the_end() {
        let script = format!("<script>x = \"{}\"</script>", "<div><b>".repeat(1_000));
        let comment = format!("<!-- {} -->", "<div>".repeat(2_000));
        let icons = "<svg><path d='M0' /><g><circle r=1 /><use href='#a'/></g></svg>".repeat(1_000);
        let rows = "<tr><td><b>x</b><td><a href=/r>y</a><p>z</p>".repeat(3_000);
        let page = format!("{script}{comment}{icons}<table>{rows}</table><a href=/end>x</a>");
        assert_eq!(bounded(&page), (page.as_str(), false));
        assert!(!bounded("<!--><p>x<title>a < b</title><br/>").1);
    }

    #[test]
    fn what_only_looks_like_a_scripts_text_is_bounded_too() {
        for start in [
            "<svg><title><b></svg></title><style>",
            "<select><title>",
            "<svg><style>",
        ] {
            let page = start.to_owned() + &"<g>".repeat(200_000);
            assert!(bounded(&page).1, "{start}");
        }
        let start = std::time::Instant::now();
        let page = "<select><svg></select>".to_owned() + &"<div/>".repeat(200_000);
        assert!(super::page(&page).cut);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn an_element_of_countless_attributes_is_cut() {
        let many: String = (0..100_000).fold(String::new(), |text, n| text + &format!(" a{n}=/x"));
        let start = std::time::Instant::now();
        let found = page(&format!("<a href=/before><a{many}>"));
        assert!(found.cut);
        assert_eq!(found.calls.len(), 1);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn garbage_is_read_without_a_stumble() {
        for body in [
            "",
            "<",
            "<a href",
            "<!--",
            "\u{0}<a href=\u{0}>",
            "<form><form><input name>",
        ] {
            page(body);
        }
    }
}
