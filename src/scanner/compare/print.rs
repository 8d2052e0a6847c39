//! The fingerprint of an answer: which values it has at which places.
//!
//! Owns: the structure of a print, and looking things up in it. Leaves out: making one (`builder` and
//! the readers of each kind of body), and comparing two (`noise`, `groups`).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use time::OffsetDateTime;

use super::builder::Builder;
use super::mask::Mask;
use super::{head, html, json, text};
use crate::http::Response;

/// Bytes of a body that are examined.
const MAX_BODY: usize = 4 << 20;

/// An answer, reduced to what comparing needs. Cheap to clone.
///
/// A print holds *places* (`status`, `header location`, `$.items[].price`, `html > body > p:text`,
/// `line`) and the set of values at each, both exact and with the obvious blurs. Order never counts:
/// all items of a list share one place.
#[derive(Clone, Debug)]
pub struct Print(Arc<Content>);

/// The contents of a print.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) status: u16,
    pub(super) at: OffsetDateTime,
    /// The places, in the order of the answer.
    pub(super) places: Vec<ValuePlace>,
    pub(super) index: HashMap<u64, usize>,
    /// Sorted by place, then by `exact`; without duplicates.
    pub(super) values: Vec<PrintedValue>,
    /// Sorted by place, then by value; without duplicates.
    pub(super) blurred: Vec<u64>,
    /// Sorted by place, then by value: blurred values that hold an echo or accompany only an echo.
    pub(super) echoes: Vec<u64>,
    /// The excerpts of all values, joined.
    pub(super) excerpts: String,
}

/// A place, and the values at it.
#[derive(Debug)]
pub(super) struct ValuePlace {
    /// A hash of the whole path; the same in every print.
    pub(super) id: u64,
    pub(super) parent: Option<usize>,
    /// The last part of the path.
    pub(super) part: String,
    /// How little a difference here says, by part of the answer: status, header or body.
    pub(super) rank: usize,
    /// A set of [`ValueKind`]s.
    pub(super) kinds: u16,
    pub(super) values: Range<usize>,
    pub(super) blurred: Range<usize>,
    pub(super) echoes: Range<usize>,
}

impl ValuePlace {
    /// Returns how little a difference here says: 0 is the status. A leaf says more than its container.
    pub(super) fn rank(&self) -> usize {
        2 * self.rank + usize::from(self.kinds & ValueKind::WHOLES != 0)
    }
}

/// One value.
#[derive(Clone, Debug)]
pub(super) struct PrintedValue {
    pub(super) exact: u64,
    pub(super) blurred: u64,
    /// Its range within the excerpts.
    pub(super) excerpt: Range<usize>,
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// JSON's `null`.
    Null,
    /// `true` or `false`.
    Flag,
    /// A JSON number.
    Number,
    /// Text.
    Text,
    /// A JSON array.
    List,
    /// A JSON object.
    Object,
    /// An HTML element.
    Element,
}

impl ValueKind {
    /// Kinds whose parts say more than the whole.
    pub(super) const WHOLES: u16 = Self::List.bit() | Self::Object.bit() | Self::Element.bit();

    pub(super) const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

impl Print {
    /// Reduces an answer to a print. `planted` are the values that its own request sent and that an
    /// application may echo: an echo says nothing about consumption, so it never counts as a value of
    /// its own.
    ///
    /// Takes time linear in the size of the body, except for sorting. Anything beyond 4 MiB is ignored.
    pub fn of(response: &Response, planted: &[String]) -> Self {
        let mask = Mask::of(planted);
        let mut builder = Builder::new(&mask);
        head::read(response, &mut builder);
        let whole = response.body.len() <= MAX_BODY;
        let body = &response.body[..response.body.len().min(MAX_BODY)];
        let parsed = whole.then(|| response.json()).flatten();
        if let Some(parsed) = parsed {
            let root = builder.place(None, "$", json::RANK);
            json::read(&parsed, root, &mut builder);
        } else if text::is_binary(&response.media_type(), body) {
            text::read_binary(body, &mut builder);
        } else {
            let decoded = String::from_utf8_lossy(body);
            let markup = html::is_markup(&response.media_type(), &decoded);
            if !(markup && html::read(&decoded, &mut builder)) {
                text::read(&decoded, &mut builder);
            }
        }
        Self(Arc::new(builder.end(response.status, response.at)))
    }

    /// Returns the status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    pub(super) fn facts(&self) -> &Content {
        &self.0
    }
}

impl Content {
    /// Returns the full name of a place.
    pub(super) fn name(&self, at: usize) -> String {
        let mut parts = Vec::new();
        let mut next = self.places.get(at);
        while let Some(place) = next {
            parts.push(place.part.as_str());
            next = place.parent.and_then(|parent| self.places.get(parent));
        }
        parts.reverse();
        let name: String = parts.concat();
        name.strip_prefix(" > ").unwrap_or(&name).to_owned()
    }

    /// Returns the place with this id.
    pub(super) fn place(&self, id: u64) -> Option<&ValuePlace> {
        self.places.get(*self.index.get(&id)?)
    }

    /// Returns the contents of a place; an empty spot if the print does not have that place.
    pub(super) fn spot(&self, id: u64) -> PlaceView<'_> {
        let Some(place) = self.place(id) else {
            return PlaceView::default();
        };
        PlaceView {
            kinds: place.kinds,
            values: self.values.get(place.values.clone()).unwrap_or_default(),
            blurred: self.blurred.get(place.blurred.clone()).unwrap_or_default(),
            echoes: self.echoes.get(place.echoes.clone()).unwrap_or_default(),
        }
    }

    /// Returns an excerpt of a value.
    pub(super) fn excerpt(&self, value: &PrintedValue) -> String {
        let excerpt = self.excerpts.get(value.excerpt.clone());
        excerpt.unwrap_or_default().to_owned()
    }
}

/// The contents of one place of one print.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlaceView<'a> {
    pub(super) kinds: u16,
    pub(super) values: &'a [PrintedValue],
    pub(super) blurred: &'a [u64],
    pub(super) echoes: &'a [u64],
}

impl PlaceView<'_> {
    /// Returns true if there is nothing here, not even an echo.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.echoes.is_empty()
    }

    /// Returns the first value with this blurred form.
    pub(super) fn blurring_to(&self, blurred: u64) -> Option<&PrintedValue> {
        self.values.iter().find(|value| value.blurred == blurred)
    }
}
