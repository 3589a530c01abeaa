// Programs that are told what happens.

import {h, put, icon, when} from "/assets/dom.js";
import {get, patch, post, query, remove} from "/assets/api.js";
import {act, ask, confirm, listing, menu, page, reasonField, secret, show, toast} from "/assets/ui.js";

const events = (text) => text.split(/[\s,]+/).filter(Boolean);
const fields = (hook) => [{name: "url", label: "URL", type: "url", required: true, max: 500, value: hook.url, placeholder: "https://example.org/hook"},
  {name: "events", label: "Events", required: true, max: 2000, value: (hook.events || ["*"]).join(" "), hint: "Parted by spaces: user.joined, user.*, chat.sent, channel.updated … or * for all."}];

export function mount(main) {
  const list = listing({
    caption: "Webhooks", empty: "Nobody is told. A webhook sends what happens to a program of yours, signed.", load: (page) => get("/api/webhooks" + query({page})),
    columns: [
      {title: "URL", class: "text", cell: (hook) => h("code", {class: "said"}, hook.url)}, {title: "Events", class: "text", cell: (hook) => hook.events.map((event) => h("span", {class: "tag"}, event))},
      {title: "State", cell: (hook) => (hook.enabled ? h("span", {class: "tag good"}, "on") : h("span", {class: "tag bad"}, "off"))}, {title: "Made", cell: (hook) => when(hook.created)},
      {class: "end", cell: (hook) => menu(`Actions on the webhook ${hook.url}`, () => items(hook))},
    ],
  });
  const items = (hook) => {
    const url = `/api/webhooks/${hook.id}`;
    const again = async (doing, word) => { if (await act(doing, word)) list.reload(); };
    return [
      ["Send a test", () => again(() => post(`${url}/test`, undefined), "A test is on its way")],
      ["Deliveries…", () => deliveries(hook)],
      [hook.enabled ? "Switch off" : "Switch on", () => again(() => patch(url, {enabled: !hook.enabled}), hook.enabled ? "Switched off" : "Switched on")],
      ["Edit…", () => ask({title: "Edit the webhook", submit: "Save", fields: [...fields(hook), reasonField], onSubmit: async (v) => { await patch(url, {url: v.url, events: events(v.events)}, v.reason); toast("Saved"); list.reload(); }})],
      ["Delete…", () => confirm("Delete the webhook?", hook.url, "Delete", async (reason) => { await remove(url, reason); toast("Deleted"); list.reload(); }), {danger: true}],
    ];
  };
  const create = () => ask({
    title: "New webhook", submit: "Create", fields: [...fields({}), reasonField],
    onSubmit: async (v) => {
      const made = await post("/api/webhooks", {url: v.url, events: events(v.events)}, v.reason);
      show("The webhook's secret", h("p", {}, "Each request is signed with it (Standard Webhooks). It is shown this once."), secret(made.secret, "secret"));
      list.reload();
    },
  });
  put(main, page("Webhooks", [h("button", {type: "button", class: "primary", onclick: create}, icon("plus"), "New webhook")], list.element));
  list.reload();
}

function deliveries(hook) {
  const list = listing({
    caption: "Deliveries", empty: "Nothing was sent yet.", load: (page) => get(`/api/webhooks/${hook.id}/deliveries` + query({page})),
    columns: [
      {title: "When", cell: (d) => when(d.created)}, {title: "Event", cell: (d) => h("code", {}, d.event)}, {title: "Attempts", cell: (d) => d.attempts},
      {title: "Result", cell: (d) => (d.done && !d.error ? h("span", {class: "tag good"}, d.status) : h("span", {class: "tag bad", title: d.error}, d.error || "waits"))},
    ],
  });
  show("Deliveries", list.element);
  list.reload();
}
