"""Style sheets, after CSS Values 4 (url(), src(), the escapes of CSS Syntax 3), Images 4 and Cascade 5."""

from . import Chapter

chapter = Chapter("css")
PAGE = '<!DOCTYPE html><title>x</title><link rel="stylesheet" href="sheet.css"><p>A page'

SHEETS = r"""
url-quoted: p { background: url("@T") }
url-single-quoted: p { background: url('@T') }
url-unquoted: p { background: url( @T ) }
url-uppercase: P { BACKGROUND: URL(@T) }
url-escaped: p { background: url(\2f reached\/@SLUG) }
url-relative: p { background: url(../../reached/@SLUG) }
import-string: @import "@T";
import-url: @import url(@T) screen;
import-layer: @import '@T' layer(base) supports(display: grid);
font-face: @font-face { font-family: x; src: local("x"), url("@T") format("woff2") }
image-set: p { background: image-set("@T" 1x, "#" 2x) }
cursor: p { cursor: url(@T) 2 2, auto }
custom-property: :root { --there: url(@T) }
content: p::before { content: url("@T") }
behaviour: p { behavior: url(@T) }
alpha-image-loader: p { filter: progid:DXImageTransform.Microsoft.AlphaImageLoader(src='@T', sizingMethod='scale') }
comment: /* old: url(@T) */
comment-words: /* served from @T, see there */
source-mapping-url: p {} /*# sourceMappingURL=@T */
src-function: p { background: src("@T") }
nested-rule: p { & b { background: url(@T) } }
minified: a{b:c}@media print{p{background:#fff url(@T)no-repeat}}
"""
for line in SHEETS.strip().splitlines():
    name, _, text = line.partition(": ")
    chapter.way(name, PAGE, files={"sheet.css": ("text/css", text)})
chapter.way(
    "import-chain",
    PAGE,
    files={"sheet.css": ("text/css", '@import "deeper/second.css";'), "deeper/second.css": ("text/css", "p { background: url(../../../reached/@SLUG) }")},
)
