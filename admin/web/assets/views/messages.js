// What was said.

import {h, put, icon, name, roles, when} from "/assets/dom.js";
import {get, post, query, remove} from "/assets/api.js";
import {on, pathOf, tree} from "/assets/live.js";
import {ask, confirm, listing, page, searchBox, toast} from "/assets/ui.js";

export function mount(main, {me}) {
  let text = "";
  let where = "";
  const list = listing({
    caption: "Messages", empty: "Nothing was said here, or chat is not kept.",
    load: (page) => get("/api/messages" + query({q: text, page, ...(where === "server" ? {server: true} : where && {channel: where})})),
    columns: [
      {title: "Who", cell: (m) => name(m.name)},
      {title: "Where", cell: (m) => h("span", {class: "dim"}, m.channel ? pathOf(m.channel) : "everyone")},
      {title: "Text", class: "text", cell: (m) => h("bdi", {class: "said"}, m.text)},
      {title: "When", cell: (m) => [when(m.sent), m.edited && h("span", {class: "dim small"}, " edited")]},
      {class: "end", cell: (m) => h("button", {type: "button", class: "danger-text", "aria-label": `Delete the message of ${m.name}`, onclick: () => confirm("Delete the message?", "Whoever sees it sees it go.", "Delete", async (reason) => { await remove(`/api/messages/${m.id}`, reason); toast("Deleted"); list.reload(); })}, "Delete")},
    ],
  });
  const select = h("select", {"aria-label": "Where", onchange: () => { where = select.value; list.reload(); }});
  const places = () => put(select, h("option", {value: ""}, "all channels"), h("option", {value: "server"}, "to everyone"), tree().rows.map(({channel, path}) => h("option", {value: String(channel.id)}, path)));
  const write = () => ask({
    title: "Write", submit: "Send",
    fields: [{name: "to", label: "To", type: "select", value: where, options: [...(me.role >= roles.admin ? [["server", "everyone"]] : []), ...tree().rows.map(({channel, path}) => [String(channel.id), path])]}, {name: "text", label: "Text", type: "textarea", required: true, max: 2000}],
    onSubmit: async ({to, text}) => { await post("/api/messages", to === "server" ? {server: true, text} : {channel: Number(to), text}); toast("Sent"); },
  });
  put(main, page("Messages", [select, searchBox("Find in what was said", (value) => { text = value; list.reload(); }), h("button", {type: "button", class: "primary", onclick: write}, icon("plus"), "Write")], list.element));
  places();
  list.reload();
  let known = select.options.length;
  const off = [on("chat", () => list.reload()), on("people", () => { if (tree().rows.length + 2 !== known) { const at = select.value; places(); known = select.options.length; select.value = at; } })];
  return () => off.forEach((f) => f());
}
