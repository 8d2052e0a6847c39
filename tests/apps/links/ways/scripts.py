"""Scripts: what the Fetch, XMLHttpRequest, WebSockets, HTML (workers, server-sent events, modules) and Service
Workers standards fetch, the libraries that people use for it, and how the address gets there.

Each way is a page with a script beside it, in one of the forms that pages use.
"""

import base64
import json

from . import JSON, SCRIPT, Chapter

chapter = Chapter("script")
EXTERNAL = '<!DOCTYPE html><title>x</title><div id="app"></div><script src="main.js"></script>'
INLINE = '<!DOCTYPE html><title>x</title><div id="app"></div><script>\n{}\n</script>'
MODULE = '<!DOCTYPE html><title>x</title><div id="app"></div><script type="module">\n{}\n</script>'

chapter.pages(
    r"""
fetch: fetch("@T").then(r => r.json());
fetch-window: window.fetch('@T');
fetch-template-literal: fetch(`@T`);
fetch-concatenation: fetch('/reached' + '/' + "@SLUG");
fetch-concatenated-query: fetch("@T?since=" + Date.now() + "&n=" + n);
fetch-constant: const WHERE = '@T'; fetch(WHERE);
fetch-base-constant: const API = "/reached"; async function load() { return (await fetch(API + "/@SLUG")).json() }
fetch-base-in-template: var base = '/reached'; fetch(`${base}/@SLUG`);
fetch-constant-of-constants: const ROOT = "/reached"; const THERE = ROOT + "/@SLUG"; function go() { fetch(THERE) }
fetch-constant-later: function go() { return fetch(BASE + '/@SLUG') } var BASE = '/reached';
fetch-origin-prefix: fetch(location.origin + '@T');
fetch-host-prefix: fetch(location.protocol + '//' + location.host + '@T');
fetch-object-property: const api = {there: '@T', n: 1}; fetch(api.there);
fetch-nested-property: const conf = {api: {base: "/reached"}}; fetch(conf.api.base + "/@SLUG");
fetch-destructured: const {base} = {base: '/reached'}; fetch(`${base}/@SLUG`);
fetch-this-property: class A { constructor() { this.base = '/reached'; } go() { return fetch(this.base + '/@SLUG') } }
fetch-class-field: class A { base = '/reached'; go() { return fetch(`${this.base}/@SLUG`) } }
fetch-static-field: class A { static BASE = "/reached"; go() { return fetch(A.BASE + '/@SLUG') } }
fetch-default-parameter: function go(base = '/reached') { return fetch(base + '/@SLUG') }
fetch-conditional: fetch(debug ? '/' : '@T');
fetch-or-default: fetch(window.there || '@T');
fetch-nullish-default: const u = window.there ?? '@T'; fetch(u);
fetch-joined: fetch(['', 'reached', '@SLUG'].join('/'));
fetch-concat-method: fetch('/reached/'.concat('@SLUG'));
fetch-concat-babel: fetch("/".concat(x, "/..").concat("@T")); var u = "".concat("/reached", "/@SLUG"); fetch(u);
fetch-replace: fetch('/reached/{name}'.replace('{name}', '@SLUG'));
fetch-escapes: fetch("\x2freached\u002f@SLUG");
fetch-line-continuation: fetch("/reached/\¶@SLUG");
fetch-plus-equals: let u = '/reached'; u += '/@SLUG'; fetch(u);
fetch-request: fetch(new Request('@T', {headers: {'X-Part': '1'}}));
fetch-new-url: fetch(new URL('@T', location.href));
fetch-new-url-base: const u = new URL('@SLUG', location.origin + '/reached/'); fetch(u);
fetch-import-meta: fetch(new URL('../../reached/@SLUG', document.baseURI));
fetch-optional-call: globalThis.fetch?.('@T');
fetch-await-parens: (async () => { const r = await (fetch)('@T'); })();
fetch-url-search-params: fetch('@T?' + new URLSearchParams({page: 1, q: text}));
fetch-after-regex: var s = t.replace(/["'`\/]/g, ''); fetch('@T');
fetch-after-division: var r = a / b / c; fetch('@T'); var q = "x/y";
fetch-after-html-comment: <!-- old browsers¶fetch('@T');
fetch-no-semicolons: let a = 1¶let b = a¶fetch('@T')
fetch-in-template-hole: el.innerHTML = `<b>${await fetch('@T').then(r => r.text())}</b>`;
fetch-in-handler: document.addEventListener('click', e => { if (e.x > 1 && e.y < 2) fetch('@T') });
xhr-open: var x = new XMLHttpRequest(); x.open('GET', '@T', true); x.send();
xhr-variable: var m = 'GET', u = '@T'; var x = new XMLHttpRequest; x.open(m, u); x.send(null);
xhr-synchronous: with (new XMLHttpRequest()) { open("GET", "@T", false); send() }
active-x: var x = new ActiveXObject("Microsoft.XMLHTTP"); x.open("GET", "@T");
websocket: new WebSocket('ws://@HOST@T');
websocket-location: var ws = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '@T');
websocket-template: const s = new WebSocket(`ws://${location.host}/reached/@SLUG`);
websocket-relative: new WebSocket('@T');
event-source: new EventSource("@T", {withCredentials: true});
send-beacon: navigator.sendBeacon('@T', data);
worker: new Worker('@T');
shared-worker: new SharedWorker('@T', 'name');
worker-new-url: new Worker(new URL('../../reached/@SLUG', import.meta.url), {type: 'module'});
service-worker: navigator.serviceWorker.register('@T', {scope: '/script/'});
import-scripts: importScripts('x.js', '@T');
dynamic-import: const m = await import('@T');
dynamic-import-webpack: const View = () => import(/* webpackChunkName: "x" */ '@T');
location-href: location.href = '@T';
location-bare: function go() { location = "@T" }
location-window: window.location.assign('@T');
location-replace: top.location.replace('@T');
location-document: document.location.pathname = '@T';
window-open: window.open('@T', '_blank', 'width=200');
history-push: history.pushState({}, '', '@T');
document-write: document.write('<a href="@T">go</a>');
document-write-split: document.write('<scr' + 'ipt src="@T"></scr' + 'ipt>');
inner-html: el.innerHTML = '<img src="' + '@T' + '">';
inner-html-template: el.innerHTML = `<li><a class="x" href="@T">${name}</a></li>`;
insert-adjacent: el.insertAdjacentHTML('beforeend', "<iframe src='@T'></iframe>");
element-src: var i = document.createElement('img'); i.src = '@T';
element-href: a.href = "@T";
element-action: document.forms[0].action = '@T';
set-attribute: el.setAttribute('href', '@T');
new-image: (new Image).src = '@T';
new-audio: new Audio('@T').play();
jquery-get: $.get('@T', function (d) {});
jquery-get-json: jQuery.getJSON("@T", {q: 1}, show);
jquery-load: $('#x').load('@T #part');
jquery-ajax: $.ajax({dataType: 'json', url: '@T', success: show});
jquery-ajax-two: $.ajax('@T', {cache: false});
jquery-get-script: $.getScript("@T");
jquery-attr: $('a').attr('href', '@T');
jquery-attr-object: $('<a>', {text: 'go', href: '@T'}).appendTo('body');
jquery-data-table: $('#t').DataTable({ajax: '@T', columns: [{data: 'a'}]});
axios-get: axios.get('@T').then(show);
axios-call: axios({method: 'get', url: '@T'});
axios-request: axios.request({url: "@T"});
axios-instance: const http = axios.create({baseURL: '/reached', timeout: 1000}); http.get('/@SLUG');
axios-instance-relative: const http = axios.create({baseURL: '/reached/'}); export const list = () => http.get("@SLUG");
axios-defaults: axios.defaults.baseURL = '/reached'; axios.get('/@SLUG');
axios-get-uri: axios.getUri({url: '@T'});
ky: ky.get('@T').json();
ky-prefix: const api = ky.create({prefixUrl: '/reached'}); api('@SLUG');
ky-extend: const api = ky.extend({prefixUrl: "/reached"}); api.get("@SLUG").json();
superagent: request.get('@T').query({a: 1}).end(done);
got: got('@T', {json: true});
angular-http: this.http.get<Item[]>('@T').subscribe();
angular-http-base: class S { private base = '/reached'; constructor(private http: HttpClient) {} list() { return this.http.get<Item[]>(`${this.base}/@SLUG`); } }
angular-js: $http({method: 'GET', url: '@T'}).then(f);
angular-resource: app.factory('X', $resource => $resource('@T'));
ember-get-json: Ember.$.getJSON('@T');
backbone-url: var M = Backbone.Collection.extend({url: '@T'});
backbone-url-function: var M = Backbone.Model.extend({url: function () { return '/reached/' + '@SLUG' }});
swr: const { data } = useSWR('@T', fetcher);
react-query: useQuery({queryKey: ['x'], queryFn: () => fetch('@T').then(r => r.json())});
rtk-query: createApi({baseQuery: fetchBaseQuery({baseUrl: '/reached'}), endpoints: b => ({there: b.query({query: () => '/@SLUG'})})});
nuxt-fetch: const {data} = await useFetch('@T');
apollo-uri: new ApolloClient({uri: '@T', cache});
socket-io: io('/', {path: '@T'});
dropzone: new Dropzone('#d', {url: '@T'});
filepond: FilePond.setOptions({server: {process: '@T'}});
tinymce: tinymce.init({images_upload_url: '@T'});
select2: $('#s').select2({ajax: {url: '@T', delay: 250}});
full-calendar: new FullCalendar.Calendar(el, {events: '@T'});
chart-data: d3.json('@T').then(draw);
leaflet: L.tileLayer('@T').addTo(map);
vue-router: const routes = [{path: '/', component: A}, {path: '@T', name: 'there', component: B}];
vue-router-children: const routes = [{path: '/reached', component: A, children: [{path: '@SLUG', component: B}]}];
react-router: createElement(Route, {path: "@T", element: x});
react-router-object: createBrowserRouter([{path: "/reached", children: [{path: "@SLUG", element: x}]}]);
angular-routes: const routes: Routes = [{path: 'reached', children: [{path: '@SLUG', component: B}]}];
router-push: router.push('@T');
router-push-object: this.$router.push({path: '@T'});
navigate: const go = () => navigate('@T', {replace: true});
route-table: const ROUTES = {HOME: '/', THERE: '@T'};
route-table-functions: const urls = {there: () => '@T', other: id => `/${id}`};
route-table-methods: const API = [['GET', '@T'], ['GET', '/']];
route-table-frozen: export default Object.freeze({ENDPOINTS: {THERE: {method: 'GET', url: '@T'}}});
url-for-table: Routes.add('there', "GET @T");
wrapper-function: function call(path) { return fetch('/reached' + path).then(r => r.json()) } call('/@SLUG');
wrapper-arrow: const get = path => fetch(`/reached/${path}`); get('@SLUG');
wrapper-arrow-const: const BASE = '/reached'; const req = (m, p, b) => fetch(BASE + p, {method: m, body: b}); req('GET', '/@SLUG');
wrapper-object: const api = {get(p) { return fetch('/reached' + p) }}; api.get('/@SLUG');
wrapper-object-arrow: const api = {get: (p) => fetch('/reached' + p)}; api.get('/@SLUG');
wrapper-class: class Client { constructor(b) { this.b = b } get(p) { return fetch(this.b + p) } } const c = new Client('/reached'); c.get('/@SLUG');
wrapper-class-extends: class Base { get(p) { return fetch('/reached' + p) } } class Items extends Base { list() { return this.get('/@SLUG') } }
wrapper-prototype: function C() {} C.prototype.get = function (p) { return $.ajax({url: '/reached' + p}) }; new C().get('/@SLUG');
wrapper-of-wrapper: const raw = p => fetch('/reached' + p); const get = p => raw('/' + p); get('@SLUG');
wrapper-options: const ask = ({path, query}) => fetch('/reached' + path + '?' + query); ask({path: '/@SLUG', query: ''});
wrapper-curried: const at = base => path => fetch(base + path); const get = at('/reached'); get('/@SLUG');
wrapper-build-url: const url = p => '/reached/' + p; fetch(url('@SLUG'));
wrapper-xhr: function ajax(m, u, f) { var x = new XMLHttpRequest(); x.onload = f; x.open(m, '/reached' + u); x.send() } ajax('GET', '/@SLUG', f);
wrapper-default-suffix: function load(name, dir) { dir = dir || '/reached'; return fetch(dir + '/' + name) } load('@SLUG');
loop-over-list: ['@SLUG', 'x'].forEach(n => fetch('/reached/' + n));
map-over-list: const all = await Promise.all(['@SLUG'].map(n => fetch(`/reached/${n}`)));
for-of-list: for (const n of ['@SLUG', 'x']) { fetch('/reached/' + n) }
switch-case: switch (k) { case 1: u = '@T'; break; default: u = '/' } fetch(u);
config-on-window: window.__CONFIG__ = {"apiUrl": "@T", debug: false};
config-json-parse: var c = JSON.parse('{"there": "@T"}');
config-json-parse-escaped: var c = JSON.parse("{\"there\": \"\\/reached\\/@SLUG\"}");
state-escaped: window.__STATE__ = "{\u0022there\u0022:\u0022@T\u0022}";
graphql-like-string: const doc = `query at @T`;
comment-line: // the old one was @T¶go();
comment-block: /* GET @T gives the list */ go();
comment-jsdoc: /** @see {@link @ORIGIN@T} */ function go() {}
commented-code: // fetch('@T').then(show)
string-code-timeout: setTimeout("location='@T'", 1000);
string-code-function: new Function("return fetch('@T')")();
string-code-eval: eval("fetch('" + "@T" + "')");
string-in-array: var pages = ["x", "@T", "y"];
string-relative: load("../../reached/@SLUG");
string-no-leading-slash: axios.defaults.baseURL = '/'; axios.get('reached/@SLUG');
path-object-keys: const table = {'@T': show, '/': home};
map-of-pairs: const table = new Map([['there', '@T']]);
symbol-heavy: const f=async(...a)=>{let[b,{c=1,...d}={}]=a;for await(const e of b)yield*e;return fetch`${c}`},g=fetch('@T');
unicode-identifiers: const größe = '/reached', π = '@SLUG'; fetch(größe + '/' + π);
broken-script: function ( { ] fetch('@T'
broken-string: var a = 'it's'; fetch("@T");
private-field: class A { #base = '/reached'; #go(p) { return fetch(this.#base + p) } run() { this.#go('/@SLUG') } }
label-and-comma: a: for (;;) { b(), fetch('@T'); break a }
getter: const api = { get base() { return '/reached' } }; fetch(api.base + '/@SLUG');
shadowed-name: const u = '/'; function f() { const u = '@T'; fetch(u) } g(u);
spread-config: const common = {baseURL: '/reached'}; const h = axios.create({...common, timeout: 1}); h.get('/@SLUG');
object-assign-config: var o = Object.assign({}, {url: '@T'}, {type: 'GET'}); $.ajax(o);
options-variable: var options = {type: 'GET'}; options.url = '@T'; $.ajax(options);
exported-constant: export const THERE_URL = "@T";
iife-parameters: (function (w, base) { w.fetch(base + '/@SLUG') })(window, '/reached');
html-in-jsx-call: _jsx("a", {href: "@T", children: "go"});
raw-tag: fetch(String.raw`@T`);
encode-uri-component: fetch('/reached/' + encodeURIComponent('@SLUG'));
trim-end-slash: const base = '/reached/'.replace(/\/$/, ''); fetch(base + '/@SLUG');
to-string: fetch(new URL('@T', location).toString());
url-pathname: const u = new URL(location); u.pathname = '@T'; fetch(u);
lodash-template: _.template('<a href="@T"><%= name %></a>');
""".replace("\\¶", "\\\N{PILCROW SIGN}"),
    INLINE,
)
for way in chapter:
    way.body = way.body.replace("\N{PILCROW SIGN}", "\n")

chapter.pages(
    r"""
static-import: import {x} from '@T';
static-import-side-effect: import '@T';
export-from: export * from "@T";
import-with-attributes: import data from '@T' with {type: 'json'};
import-alias: import * as http from './http.js'; http.get('@T');
top-level-await: const r = await fetch('@T');
""",
    MODULE,
)


def beside(name, text, page=EXTERNAL, kind=SCRIPT, file="main.js", **files):
    """A way whose script is a file of its own."""
    more = {key.replace("__", "."): value for key, value in files.items()}  # a dot cannot stand in a name
    chapter.way(name, page, files={file: (kind, text), **more})


beside("external", "fetch('@T')")
beside("external-old-type", "fetch('@T')", kind="application/x-javascript")
beside("external-plain-type", "fetch('@T')", kind="text/plain")
beside("external-no-type", "fetch('@T')", kind="application/octet-stream")
beside("external-module", "export default () => fetch('@T')", '<script type="module" src="main.mjs"></script>', file="main.mjs")
beside("external-imported", "import {go} from './api.js'; go();", api__js=(SCRIPT, "export const go = () => fetch('@T')"))
beside("external-required", "var api = require('./api.js');", api__js=(SCRIPT, "exports.go = function () { return fetch('@T') }"))
beside("external-lazy", "const go = () => import('./lazy.js');", lazy__js=(SCRIPT, "fetch('@T')"))
beside("external-in-string", 'load("lazy.js")', lazy__js=(SCRIPT, "fetch('@T')"))
beside("worker-file", "new Worker('work.js')", work__js=(SCRIPT, "onmessage = async e => postMessage(await (await fetch('@T')).json())"))
beside("service-worker-file", "navigator.serviceWorker.register('sw.js')", sw__js=(SCRIPT, "const FILES = ['/', '@T']; self.addEventListener('install', e => e.waitUntil(caches.open('v1').then(c => c.addAll(FILES))))"))
beside("worker-import-scripts", "new Worker('work.js')", work__js=(SCRIPT, "importScripts('part.js')"), part__js=(SCRIPT, "fetch('@T')"))
beside("json-module", "import conf from './conf.json' with {type: 'json'}", '<script type="module" src="main.js"></script>', conf__json=(JSON, '{"there": "@T"}'))
beside("script-data-uri", "", "<script src=\"data:text/javascript,fetch('@T')\"></script>")
beside("script-data-uri-base64", "", lambda fill: '<script src="data:text/javascript;base64,%s"></script>' % base64.b64encode(fill("fetch('@T')").encode()).decode())
beside("script-in-svg", "", "<svg><script><![CDATA[ fetch('@T') ]]></script></svg>")
beside("script-in-comment", "", "<script><!--\nfetch('@T')\n//--></script>")
beside("script-vbscript", "", '<script language="vbscript">Window.Location = "@T"</script>')
beside("script-unknown-type", "", '<script type="text/babel">fetch("@T")</script>')
beside("jsonp", "show({\"next\": \"@T\"});")
beside(
    "typescript",
    """
import type { Item } from './types';
enum Where { Root = '/reached', There = '@SLUG' }
interface Options<T extends object = {}> { readonly base?: string; map<U>(f: (x: T) => U): U[] }
declare const env: { base: string };
const BASE = '/reached' as const;
export abstract class Client<T> implements Options<T> {
  @log() private readonly base: string = BASE!;
  constructor(protected http: HttpClient, public readonly n?: number) {}
  async list(this: Client<T>, page: number = 1): Promise<Array<Item>> {
    return (await this.http.get<Array<Item>>(`${this.base}/@SLUG`, <any>{ page })) as unknown as Array<Item>;
  }
}
""",
    '<script type="module" src="main.ts"></script>',
    "application/typescript",
    "main.ts",
)
beside(
    "typescript-enum",
    "enum Where { Root = '/reached', There = '/reached/@SLUG' }\nexport const go = (): Promise<Response> => fetch(Where.There satisfies string);",
    '<script type="module" src="main.ts"></script>',
    "video/mp2t",
    "main.ts",
)
beside(
    "jsx",
    "export const A = ({name}) => <ul className=\"x\">{list.map(i => <li key={i}><Link to=\"@T\">it's {name}</Link></li>)}</ul>;",
    '<script type="text/babel" src="main.jsx"></script>',
    "text/jsx",
    "main.jsx",
)
beside(
    "jsx-expression",
    "const A = <T,>(p: T) => <form action={`/reached/${'@SLUG'}`}><input name='a'/>don't</form>;",
    '<script type="text/babel" src="main.tsx"></script>',
    "text/tsx",
    "main.tsx",
)
beside("vue-file", "<template><a href=\"@T\">go</a></template>\n<script setup>const a = 1</script>", "<script>import('./main.vue')</script>", "text/plain", "main.vue")
beside("source-map", "a()\n//# sourceMappingURL=main.js.map", main__js__map=(JSON, json.dumps({"version": 3, "sources": ["webpack:///src/api.ts"], "sourcesContent": ["export const go = (): Promise<Response> => fetch('@T')"], "mappings": "AAAA"})))
beside("source-map-old-mark", "a()\n//@ sourceMappingURL=x.map", x__map=("application/octet-stream", json.dumps({"version": 3, "sources": ["a.js"], "sourcesContent": ["get('@T')"], "mappings": ""})))
beside("source-map-sections", "a()\n//# sourceMappingURL=x.map", x__map=(JSON, json.dumps({"version": 3, "sections": [{"offset": {"line": 0, "column": 0}, "map": {"version": 3, "sources": ["a.js"], "sourcesContent": ["$.get('@T')"], "mappings": ""}}]})))
beside("source-map-data-uri", lambda fill: "a()\n//# sourceMappingURL=data:application/json;base64," + base64.b64encode(json.dumps({"version": 3, "sources": ["a.js"], "sourcesContent": [fill("fetch('@T')")], "mappings": ""}).encode()).decode())
beside("source-map-sources", "a()\n//# sourceMappingURL=x.map", x__map=(JSON, json.dumps({"version": 3, "sourceRoot": "/reached/", "sources": ["@SLUG"], "mappings": ""})))
beside("source-map-unmentioned", "!function(){a()}();", main__js__map=(JSON, json.dumps({"version": 3, "sources": ["a.js"], "sourcesContent": ["fetch('@T')"], "mappings": ""})))
beside(
    "bundle-webpack",
    '(()=>{"use strict";var e={123:(e,t,n)=>{n.d(t,{Z:()=>r});const r="/reached"},456:(e,t,n)=>{n.d(t,{c:()=>o});var r=n(123);const o=e=>fetch(r.Z+e).then((e=>e.json()))}},t={};function n(r){var o=t[r];if(void 0!==o)return o.exports;var i=t[r]={exports:{}};return e[r](i,i.exports,n),i.exports}n.d=(e,t)=>{for(var r in t)n.o(t,r)&&!n.o(e,r)&&Object.defineProperty(e,r,{enumerable:!0,get:t[r]})},n.o=(e,t)=>Object.prototype.hasOwnProperty.call(e,t);(()=>{var e=n(456);(0,e.c)("/@SLUG").then((e=>{document.title=e.name}))})()})();',
)
beside(
    "bundle-axios",
    '!function(e,t){"object"==typeof exports?module.exports=t():e.app=t()}(this,(function(){"use strict";var e=i(9669),t=e.create({baseURL:"/reached",timeout:1e4,headers:{"X-Requested-With":"XMLHttpRequest"}});t.interceptors.request.use((function(e){return e}));var n={list:function(e){return t.get("/@SLUG",{params:e})},one:function(e){return t.get("/".concat(e))}};return n}));',
)
beside(
    "bundle-esbuild",
    'var p=Object.defineProperty;var l=(e,t)=>p(e,"name",{value:t,configurable:!0});var a="/reached",s=l(async(e,t={})=>{let n=await fetch(`${a}${e}`,{...t,headers:{accept:"application/json"}});if(!n.ok)throw new Error(`${n.status}`);return n.json()},"s"),c=l(()=>s("/@SLUG"),"c");export{c as list};',
)
beside(
    "bundle-chunk-map",
    '(()=>{var r={};r.p="@DIR/",r.u=e=>"chunks/"+({7:"admin"}[e]||e)+"."+{7:"c0ffee"}[e]+".js";r.e(7)})()',
    **{"chunks/admin__c0ffee__js": (SCRIPT, "fetch('@T')")},
)
beside("bundle-vite-preload", 'const d=["assets/there-b1.js"],m=f=>"@DIR/"+f;const q=()=>p(()=>import("./assets/there-b1.js"),d);', **{"assets/there-b1__js": (SCRIPT, 'const a="/reached";export const l=()=>fetch(a+"/@SLUG")')})
beside("bundle-next-manifest", 'self.__BUILD_MANIFEST=function(s){return{"/":[s],"@T":[s,"static/x.js"],sortedPages:["/","@T"]}}("static/y.js"),self.__BUILD_MANIFEST_CB&&self.__BUILD_MANIFEST_CB();')
beside("bundle-one-long-line", "var a=[" + ",".join('"x%d"' % n for n in range(60_000)) + "];fetch('@T')")

# Path variables: the operation is a template.
chapter.way("path-variable", INLINE.replace("{}", "const one = id => fetch(`@T/${id}`)"), method="TEMPLATE")
chapter.way("path-variable-concatenated", INLINE.replace("{}", "function one(id) { return $.get('@T/' + id + '/parts') }"), method="TEMPLATE")
chapter.way("path-variable-router", INLINE.replace("{}", "new Router({routes: [{path: '@T/:ident', component: A}]})"), method="TEMPLATE")
chapter.way("path-variable-encoded", INLINE.replace("{}", "axios.get('@T/' + encodeURIComponent(name))"), method="TEMPLATE")
chapter.way("path-variable-wrapper", INLINE.replace("{}", "const call = p => fetch('/reached' + p); const one = ident => call(`/@SLUG/${ident}`)"), method="TEMPLATE")
chapter.way("path-variable-resource", INLINE.replace("{}", "$resource('@T/:ident', {ident: '@id'})"), method="TEMPLATE")

# Methods and bodies.
POSTS = r"""
fetch-post-json: fetch('@T', {method: 'POST', headers: {'Content-Type': 'application/json', 'X-Tenant': t}, body: JSON.stringify({title: t, amount: 3, paid: true})})
fetch-post-shorthand: function save(title, amount) { return fetch('@T', {method: "POST", body: JSON.stringify({title, amount})}) }
fetch-post-variable: const title = '', data = {title, amount: 1}; const options = {method: 'POST', body: JSON.stringify(data)}; fetch('@T', options)
fetch-post-form-data: const f = new FormData(); f.append('title', t); f.append('paper', file); fetch('@T', {method: 'POST', body: f})
fetch-post-search-params: fetch('@T', {method: 'post', body: new URLSearchParams({title: t, amount: 2})})
fetch-post-string: fetch('@T', {method: 'POST', body: 'title=' + t + '&amount=' + n})
fetch-post-wrapper: const send = (path, body) => fetch('/reached' + path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}); send('/@SLUG', {title: t, amount: 1})
fetch-post-built: const body = {}; body.title = t; body['amount'] = 4; fetch('@T', {method: 'POST', body: JSON.stringify(body)})
axios-post: axios.post('@T', {title: t, amount: 1}, {headers: {'X-Tenant': t}})
axios-post-instance: const h = axios.create({baseURL: '/reached'}); h.post('/@SLUG', {title, amount})
jquery-post: $.post('@T', {title: t, amount: 1})
jquery-ajax-post: $.ajax({url: '@T', type: 'POST', contentType: 'application/json', data: JSON.stringify({title: t, amount: n})})
xhr-post: var x = new XMLHttpRequest(); x.open('POST', '@T'); x.setRequestHeader('Content-Type', 'application/json'); x.send(JSON.stringify({title: t, amount: 5}))
request-post: new Request('@T', {method: 'POST', body: JSON.stringify({title: 1, amount: 2})})
angular-post: class S { constructor(private http: HttpClient) {} save(title: string, amount: number) { return this.http.post<Item>('@T', {title, amount}); } }
minified-post: const a="/reached",s=(e,t)=>fetch(a+e,{method:"POST",body:JSON.stringify(t)});export const c=(e,t)=>s("/@SLUG",{title:e,amount:t});
"""
chapter.pages(POSTS, INLINE, method="POST")
chapter.pages(
    r"""
fetch-fourth-method: fetch('@T', {method: 'DELETE'})
axios-put: axios.put('@T', {title: 1})
axios-patch: axios.patch('@T', {title: 1})
""",
    INLINE,
    method="OTHER",
)

# What only a script that runs can tell; the test names them with their reasons.
chapter.pages(
    r"""
needs-running-base64: fetch(atob(parts))
needs-running-char-codes: fetch(String.fromCharCode(...secret))
needs-running-reversed: fetch('/reached/' + x.split('').reverse().join(''))
needs-running-page-text: fetch('/reached/' + document.title.toLowerCase() + '-' + code)
needs-running-counter: let c = ''; for (let i = 0; i < 5; i++) c += s[i * 2]; fetch('/reached/' + n + '-' + c)
""",
    INLINE,
)
for way in chapter:
    if way.name.startswith("needs-running-"):
        # The pieces are in the page, so that a browser would get there.
        first, _, tail = way.slug.rpartition("-")
        encoded = base64.b64encode(way.target.encode()).decode()
        codes = ", ".join(str(ord(letter)) for letter in way.target)
        spread = "".join(letter + "q" for letter in tail)
        way.body = way.body.replace("<script>", f"<script>\nvar parts = '{encoded}', secret = [{codes}], x = '{way.slug[::-1]}', code = '{tail}', s = '{spread}', n = '{first}';").replace(
            "<title>x", f"<title>{first.upper()}"
        )
