//! Bodies such as applications send, made from a seed: what the benchmark measures and what the
//! test of false recognition searches. None holds a canary.

/// A small generator of numbers, the same everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// The next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % n as u64).unwrap_or(0)
    }

    /// One of the given.
    pub(crate) fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Characters of an alphabet.
    pub(crate) fn text(&mut self, alphabet: &[u8], len: usize) -> String {
        (0..len)
            .map(|_| char::from(alphabet[self.below(alphabet.len())]))
            .collect()
    }

    /// Bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.roll().to_le_bytes()[0]).collect()
    }
}

pub(crate) const HEX: &[u8] = b"0123456789abcdef";
pub(crate) const DIGITS: &[u8] = b"0123456789";
pub(crate) const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
pub(crate) const BASE64: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const WORDS: &[&str] = &[
    "account",
    "the",
    "of",
    "order",
    "shipped",
    "customer",
    "a",
    "invoice",
    "is",
    "and",
    "team",
    "release",
    "request",
    "to",
    "failed",
    "in",
    "pending",
    "approved",
    "value",
    "with",
    "page",
    "settings",
    "partner",
    "integration",
    "for",
    "please",
    "contact",
    "support",
    "on",
    "monthly",
    "subscription",
    "international",
    "by",
    "configuration",
    "notification",
    "delivery",
    "from",
];

const NAMES: &[&str] = &[
    "Grace Hopper",
    "Ada Lovelace",
    "José Núñez",
    "Zoë Müller",
    "王小明",
    "Nguyễn Văn An",
    "Mary Jackson",
    "Edsger Dijkstra",
    "Radia Perlman",
    "Søren Kierkegaard",
];

/// As a minifier leaves them: mostly one letter, some of the platform's own names.
const IDENTIFIERS: &[&str] = &[
    "t",
    "e",
    "n",
    "r",
    "o",
    "i",
    "a",
    "s",
    "u",
    "c",
    "l",
    "f",
    "d",
    "p",
    "h",
    "v",
    "m",
    "g",
    "y",
    "b",
    "w",
    "x",
    "k",
    "_",
    "E",
    "S",
    "T",
    "t",
    "e",
    "n",
    "r",
    "length",
    "push",
    "call",
    "apply",
    "prototype",
    "indexOf",
    "className",
    "slice",
    "props",
    "state",
    "children",
    "map",
    "filter",
    "concat",
    "type",
    "key",
    "ref",
    "style",
    "value",
    "target",
    "default",
    "current",
    "then",
    "stringify",
    "toLowerCase",
    "removeChild",
    "preventDefault",
    "addEventListener",
    "hasOwnProperty",
    "getElementById",
];

fn sentence(dice: &mut Dice, words: usize) -> String {
    (0..words)
        .map(|_| dice.pick(WORDS))
        .collect::<Vec<_>>()
        .join(" ")
}

fn fill(size: usize, mut more: impl FnMut(&mut String)) -> Vec<u8> {
    let mut body = String::with_capacity(size + 4096);
    while body.len() < size {
        more(&mut body);
    }
    let mut bytes = body.into_bytes();
    bytes.truncate(size);
    bytes
}

/// A list of records, as an API gives it.
pub(crate) fn json_list(size: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut id = 1000;
    fill(size, |body| {
        id += 1 + dice.below(9);
        let oid = dice.text(HEX, 24);
        let name = dice.pick(NAMES);
        let (first, note) = (dice.pick(WORDS), sentence(&mut dice, 14));
        let (when, cents) = (
            1_700_000_000 + dice.below(90_000_000),
            dice.below(1_000_000),
        );
        let tag = dice.text(BASE36, 12);
        body.push_str(&format!(
            "{{\"_id\": \"{oid}\", \"id\": {id}, \"name\": \"{name}\", \"email\": \
             \"{first}.{id}@corp.test\", \"created_at\": {when}.{cents}, \"tags\": [\"{first}\", \
             \"{tag}\"], \"url\": \"https://api.corp.test/v1/items/{id}\", \"note\": \"{note}, \
             \\\"{first}\\\"\\n\", \"active\": true, \"balance\": {cents}.25}},\n"
        ));
    })
}

/// A page with navigation, a table and forms.
pub(crate) fn html_page(size: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut row = 0;
    fill(size, |body| {
        row += 1;
        let (word, text) = (dice.pick(WORDS), sentence(&mut dice, 18));
        let (name, colour) = (dice.pick(NAMES), dice.text(HEX, 6));
        body.push_str(&format!(
            "<tr class=\"row-{row} table-striped align-middle\"><td style=\"color:#{colour}\">\
             <a href=\"/admin/{word}/list?page={row}&amp;sort=created_at&amp;q=%20{word}\">{name}\
             </a></td>\n  <td>{text} &mdash; it&#39;s &quot;{word}&quot; &amp; more.</td>\n  <td>\
             <button type=\"submit\" class=\"btn btn-primary btn-sm\" data-toggle=\"tooltip\">\
             {word}</button><img src=\"/static/img/icons/{word}.svg\" alt=\"\"></td></tr>\n"
        ));
    })
}

/// A script without its white space.
pub(crate) fn minified_script(size: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    fill(size, |body| {
        let (a, b, c) = (
            dice.pick(IDENTIFIERS),
            dice.pick(IDENTIFIERS),
            dice.pick(IDENTIFIERS),
        );
        let (n, word) = (dice.below(4000), dice.pick(WORDS));
        body.push_str(&match dice.below(5) {
            0 => format!("function {a}(t,e){{return t.{b}(e,{n})||e.{c}&&t[{n}]}}"),
            1 => format!("var r={a}.{b},o=r?{n}:\"{word}\";if(o!==void 0&&r.{c}(o))"),
            2 => format!(
                "t.exports={{{a}:{b},{c}:function(t){{return null==t?\"{word}\":t+\"\\n\"}}}},"
            ),
            3 => format!("for(var i=0,u=e.length;i<u;i++)s.push(e[i].{a}({b},\"{word}-{n}\"));"),
            _ => format!("{a}.{b}(/^[\\w-]+{word}%/g,(function(e){{return e.{c}}})),"),
        });
    })
}

/// Attachments in a mail store: much base64, in long values and over lines.
pub(crate) fn base64_heavy(size: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    fill(size, |body| {
        let blob = dice.text(BASE64, 24_000);
        if dice.below(2) == 0 {
            body.push_str(&format!(
                "{{\"file\": \"scan.pdf\", \"data\": \"{blob}\"}},\n"
            ));
        } else {
            for line in blob.as_bytes().chunks(76) {
                body.push_str(std::str::from_utf8(line).unwrap_or_default());
                body.push_str("\r\n");
            }
        }
    })
}

/// Debugger pages and logs.
pub(crate) fn tracebacks(size: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    fill(size, |body| {
        let (file, function) = (dice.pick(WORDS), dice.pick(WORDS));
        let (line, address) = (dice.below(2000), dice.text(HEX, 12));
        let (word, kind) = (
            dice.pick(WORDS),
            dice.pick(&["KeyError", "ValueError", "OperationFailure"]),
        );
        body.push_str(&format!(
            "Traceback (most recent call last):\n  File \"/usr/lib/python3/site-packages/flask/\
             app.py\", line {line}, in wsgi_app\n    response = self.full_dispatch_request()\n  \
             File \"/srv/app/views/{file}.py\", line {line}, in {function}\n    return \
             collection.find_one({{&#39;{word}&#39;: request.args[&#39;{word}&#39;]}})\n\
             pymongo.errors.{kind}: {word}: &lt;object at 0x00007f{address}&gt;, full error: \
             {{'ok': 0.0, 'errmsg': 'unknown operator: ${word}', 'code': 2}}\n"
        ));
    })
}

/// Bytes without any order.
pub(crate) fn random(size: usize, seed: u64) -> Vec<u8> {
    Dice(seed).bytes(size)
}

/// Makes a body of a size from a seed.
pub(crate) type Make = fn(usize, u64) -> Vec<u8>;

/// Every body by its name.
pub(crate) const ALL: [(&str, Make); 6] = [
    ("json list", json_list),
    ("html page", html_page),
    ("minified script", minified_script),
    ("base64-heavy", base64_heavy),
    ("tracebacks", tracebacks),
    ("random", random),
];
