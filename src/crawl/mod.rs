//! Finds endpoints and inputs.
// STUB
use crate::http::*; use crate::surface::*; use crate::settings::Settings; use crate::finding::Problem; use crate::progress::Progress;
pub struct Crawl { pub surface: Surface }
impl Crawl { pub fn new(_: &Settings) -> Self { Self { surface: Surface::default() } }
 pub async fn run<T: Transport, P: Progress>(&mut self, _http: &T, _progress: &P, _sink: &mut impl FnMut(&Request, &Result<Response, Failure>)) -> Vec<Problem> { vec![] }
 pub fn learn(&mut self, _request: &Request, _response: &Response) -> bool { false }
 pub fn reached(&self, _id: &EndpointId) -> Option<u16> { None } }
