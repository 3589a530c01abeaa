// Keys for programs.

import {h, put, icon, name, roleBadge, roleOptions, when} from "/assets/dom.js";
import {get, post, query, remove} from "/assets/api.js";
import {ask, confirm, listing, page, reasonField, secret, show, toast} from "/assets/ui.js";

const spans = [["2592000", "30 days"], ["7776000", "90 days"], ["31536000", "1 year"], ["0", "until it is revoked"]];
const areas = ["audit", "backups", "bans", "channels", "events", "invites", "keys", "messages", "metrics", "plugins", "server", "sessions", "settings", "users", "webhooks"];

export function mount(main, {me}) {
  const list = listing({
    caption: "API keys", empty: "There are no keys. A key lets a program act for you, within the limits that you give it.", load: (page) => get("/api/keys" + query({page})),
    columns: [
      {title: "Name", cell: (key) => name(key.name)}, {title: "At most", cell: (key) => roleBadge(key.role)},
      {title: "Scopes", class: "text", cell: (key) => (key.scopes?.length ? key.scopes.map((scope) => h("span", {class: "tag"}, scope)) : h("span", {class: "dim"}, "all"))},
      {title: "Account", cell: (key) => key.user}, {title: "Last used", cell: (key) => (key.used === key.created ? h("span", {class: "dim"}, "never") : when(key.used))}, {title: "Good until", cell: (key) => when(key.expires, "revoked")},
      {class: "end", cell: (key) => h("button", {type: "button", class: "danger-text", "aria-label": `Revoke the key ${key.name}`, onclick: () => confirm(`Revoke ${key.name}?`, "What uses it can do nothing any more.", "Revoke", async (reason) => { await remove(`/api/keys/${key.id}`, reason); toast("Revoked"); list.reload(); })}, "Revoke")},
    ],
  });
  const create = () => ask({
    title: "New API key", submit: "Create",
    fields: [{name: "name", label: "Name", required: true, max: 64, hint: "What it is for."}, {name: "role", label: "Acts at most as", type: "select", number: true, value: 20, options: roleOptions(me.role).filter(([role]) => role !== "0")},
      {name: "seconds", label: "Good for", type: "select", number: true, value: "7776000", options: spans},
      {name: "scopes", label: "Scopes", max: 2000, placeholder: "sessions:read channels:write", hint: `Parted by spaces; empty: all. Of ${areas.join(", ")}, each with :read or :write.`}, reasonField],
    onSubmit: async ({scopes, reason, ...values}) => {
      const made = await post("/api/keys", {...values, scopes: scopes.split(/[\s,]+/).filter(Boolean)}, reason);
      show("The key", h("p", {}, "It is shown this once. Send it as ", h("code", {}, "Authorization: Bearer …")), secret(made.secret, "key"));
      list.reload();
    },
  });
  put(main, page("API keys", [h("button", {type: "button", class: "primary", onclick: create}, icon("plus"), "New key")], list.element));
  list.reload();
}
