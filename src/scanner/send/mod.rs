//! Sends what was planned, one operation at a time.
//!
//! Owns: the executor that renders and sends one request template ([`Executor`]), and the bounded
//! ladder of one operation with its splits ([`climb`]). Leaves out: the order of operations
//! (`pipeline`).

mod climb;
mod executor;
mod near;
mod owner;
mod paging;
mod pin;
mod returned;
mod said;
mod sent;

pub(crate) use climb::climb;
pub(crate) use executor::Executor;
pub(crate) use near::{detail, listed_ids, lists_for, near_reads, related_details};
pub(crate) use owner::Owner;
pub(crate) use paging::{later_pages, page_of};
pub(crate) use returned::{NamedBy, ReturnedId, returned_ids};
pub(crate) use sent::{named_read, named_reads, sent_values};
