// Who did what.

import {h, put, name, when} from "/assets/dom.js";
import {get, query} from "/assets/api.js";
import {listing, page, searchBox, show} from "/assets/ui.js";

const pretty = (text) => { try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; } };

// differences lists what is not the same before and after.
function differences(entry) {
  let before = {}, after = {};
  try { before = JSON.parse(entry.before || "{}"); after = JSON.parse(entry.after || "{}"); } catch { return null; }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  if (!entry.before || !entry.after || names.length === 0) return null;
  return h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, "What"), h("th", {}, "Before"), h("th", {}, "After"))),
    h("tbody", {}, names.map((key) => h("tr", {}, h("td", {}, key), h("td", {}, h("bdi", {}, JSON.stringify(before[key]) ?? "–")), h("td", {}, h("bdi", {}, JSON.stringify(after[key]) ?? "–"))))));
}

function detail(entry) {
  show(`${entry.action} · ${entry.id}`, h("dl", {class: "facts"}, [["Who", entry.name || "nobody"], ["From", entry.address || "not known"], ["About", entry.target || "the server"], ["When", new Date(entry.time).toLocaleString()], ["Reason", entry.reason || "none was given"], ["Result", entry.result || "done"]].map(([term, value]) => [h("dt", {}, term), h("dd", {}, h("bdi", {}, value))])),
    differences(entry) || [entry.before && [h("h3", {}, "Before"), h("pre", {tabindex: "0"}, pretty(entry.before))], entry.after && [h("h3", {}, "After"), h("pre", {tabindex: "0"}, pretty(entry.after))]]);
}

export function mount(main) {
  const asked = new URLSearchParams(location.hash.split("?")[1] || "");
  const filter = {action: "", target: "", actor: asked.get("actor") || ""};
  const list = listing({
    caption: "Audit log", empty: "There is no such entry.", load: (page) => get("/api/audit" + query({...filter, page})),
    columns: [
      {title: "When", cell: (e) => when(e.time)},
      {title: "Who", cell: (e) => (e.name ? name(e.name) : h("span", {class: "dim"}, "nobody"))},
      {title: "Did", cell: (e) => h("code", {}, e.action)},
      {title: "To", cell: (e) => h("bdi", {}, e.target || "the server")},
      {title: "Reason", class: "text", cell: (e) => h("bdi", {class: "said"}, e.reason)},
      {title: "Result", cell: (e) => (e.result ? h("span", {class: "tag bad"}, e.result) : h("span", {class: "tag good"}, "done"))},
      {class: "end", cell: (e) => h("button", {type: "button", "aria-label": `More about entry ${e.id}`, onclick: () => detail(e)}, "More")},
    ],
  });
  const actor = searchBox("Account, by number", (value) => { filter.actor = value.replace(/\D/g, ""); list.reload(); });
  actor.value = filter.actor;
  put(main, page("Audit log", [actor, searchBox("Action, as user.kick", (value) => { filter.action = value; list.reload(); }), searchBox("About, as channel:7", (value) => { filter.target = value; list.reload(); })], list.element));
  list.reload();
}
