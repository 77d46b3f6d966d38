"""The page around the code: its style for light and dark, and the script that links lines."""

__all__ = ["PAGE"]

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>
:root {
  color-scheme: light dark;
  --page: #f6f5f2; --card: #ffffff; --ink: #24262b; --quiet: #767a82; --rule: #e4e2dc; --number: #b4b2ab;
  --comment: #7a7f87; --keyword: #8b3fc0; --string: #2f7d41; --literal: #a85a00; --function: #1a66bf;
  --builtin: #0f7785; --adjoint: #c62a47; --tangent: #b24a00; --saved: #8a5f00;
  --mark: 62%; --wash: 78%; --wash-alpha: .24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171b; --card: #1c1f24; --ink: #d9dbe0; --quiet: #8b9099; --rule: #2c3037; --number: #565b64;
    --comment: #858b94; --keyword: #c79bee; --string: #8ccf97; --literal: #e6a866; --function: #7db7f5;
    --builtin: #6fc7d3; --adjoint: #ff7d92; --tangent: #ffa168; --saved: #e3c06a;
    --mark: 58%; --wash: 52%; --wash-alpha: .26;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: clamp(1rem, 2.5vw, 2.5rem); background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
  display: flex; flex-direction: column; gap: 1.25rem;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .35rem 2rem; }
h1 { font-size: 1.25rem; font-weight: 600; margin: 0; letter-spacing: -.01em; }
header ul { display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; list-style: none; margin: 0; padding: 0; }
header li { color: var(--quiet); }
main {
  display: grid; gap: 1.25rem; align-items: start;
  grid-template-columns: minmax(0, auto) minmax(0, 1fr);
}
section {
  background: var(--card); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden;
  box-shadow: 0 1px 2px rgb(0 0 0 / .05);
}
h2 {
  display: flex; justify-content: space-between; align-items: center; margin: 0; padding: 0 1rem; min-height: 2.6rem;
  font-size: .8rem; font-weight: 600; letter-spacing: .04em; color: var(--quiet); border-bottom: 1px solid var(--rule);
}
button {
  font: inherit; font-weight: 500; letter-spacing: 0; color: var(--quiet); background: none; cursor: pointer;
  border: 1px solid var(--rule); border-radius: 6px; padding: .1rem .6rem;
}
button:hover { color: var(--ink); }
pre { margin: 0; padding: .7rem 0; overflow: auto; max-height: calc(100vh - 10rem); }
pre, code { font: 13.5px/1.6 ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre > code { display: block; width: max-content; min-width: 100%; }
.line { display: block; padding: 0 1.5rem 0 0; border-left: 4px solid transparent; }
.line::before {
  content: attr(data-n); display: inline-block; width: 3.2em; padding-right: 1.3em; text-align: right;
  color: var(--number); user-select: none;
}
.line[data-link] { border-left-color: hsl(var(--hue) 55% var(--mark)); cursor: default; outline: none; }
.lit { background: hsl(var(--hue) 70% var(--wash) / var(--wash-alpha)); }
.lit::before { color: var(--ink); }
.comment { color: var(--comment); font-style: italic; }
.keyword { color: var(--keyword); }
.string { color: var(--string); }
.number { color: var(--literal); }
.function { color: var(--function); font-weight: 600; }
.builtin { color: var(--builtin); }
.adjoint { color: var(--adjoint); }
.tangent { color: var(--tangent); }
.saved { color: var(--saved); }
footer { color: var(--quiet); font-size: .85rem; }
@media (max-width: 900px) {
  main { grid-template-columns: minmax(0, 1fr); }
  pre { max-height: none; }
}
@media print { pre { max-height: none; } button { display: none; } }
</style>
</head>
<body>
<header><h1>$title</h1>$legend</header>
<main>
<section><h2>primal</h2><pre><code>$primal</code></pre></section>
<section><h2>derivative<button type="button">copy</button></h2><pre><code>$derivative</code></pre></section>
</main>
<footer>Lines with the same mark belong together: point at one to see where it goes, click to keep it.</footer>
<script>
const lines = [...document.querySelectorAll("[data-link]")];
const ids = line => line.dataset.link.split(" ");
let pinned = null;
function show(line) {
  const wanted = line ? ids(line) : [];
  const lit = lines.filter(other => ids(other).some(id => wanted.includes(id)));
  lines.forEach(other => other.classList.toggle("lit", lit.includes(other)));
  const partner = lit.find(other => other.parentNode !== line.parentNode);
  const pane = partner && partner.closest("pre");
  if (!pane || pane.scrollHeight <= pane.clientHeight) return;
  const above = partner.offsetTop - pane.offsetTop, room = pane.clientHeight - partner.offsetHeight;
  if (above < pane.scrollTop || above > pane.scrollTop + room) pane.scrollTop = above - room / 2;
}
const at = event => event.target.closest("[data-link]");
document.addEventListener("mouseover", event => show(at(event) || pinned));
document.addEventListener("focusin", event => at(event) && show(at(event)));
document.addEventListener("click", event => show(pinned = pinned === at(event) ? null : at(event)));
const copy = document.querySelector("button");
copy.addEventListener("click", async () => {
  const code = [...copy.closest("section").querySelectorAll(".line")];
  await navigator.clipboard.writeText(code.map(line => line.textContent.replace("\\n", "") + "\\n").join(""));
  copy.textContent = "copied";
  setTimeout(() => { copy.textContent = "copy"; }, 1500);
});
</script>
</body>
</html>
"""
