// Who is kept out.

import {h, put, icon, name, roles, when} from "/assets/dom.js";
import {call, get, post, query, remove} from "/assets/api.js";
import {ask, confirm, listing, menu, page, reasonField, toast} from "/assets/ui.js";

const spans = [["3600", "1 hour"], ["86400", "1 day"], ["604800", "7 days"], ["2592000", "30 days"], ["31536000", "1 year"], ["0", "for good"]];
const spansFor = (me) => spans.slice(0, me.role >= roles.admin ? spans.length : 3);

const whom = (ban) => [ban.user ? `account ${ban.user}` : null, ban.device ? `device ${ban.device.slice(0, 12)}…` : null, ban.address || null].filter(Boolean).join(", ");

export function mount(main, {me}) {
  const list = listing({
    caption: "Bans", empty: "Nobody is kept out.", load: (page) => get("/api/bans" + query({page})),
    columns: [
      {title: "Whom", cell: (ban) => h("span", {title: ban.device || null}, whom(ban))},
      {title: "Reason", cell: (ban) => (ban.reason ? name(ban.reason) : h("span", {class: "dim"}, "none"))},
      {title: "Until", cell: (ban) => (ban.until.startsWith("0001-") ? h("span", {class: "tag bad"}, "for good") : new Date(ban.until) < new Date() ? h("span", {class: "dim"}, "over since ", when(ban.until)) : when(ban.until))},
      {title: "By", cell: (ban) => (ban.by ? `account ${ban.by}` : "the operator")},
      {title: "Made", cell: (ban) => when(ban.created)},
      {class: "end", cell: (ban) => menu(`Actions on the ban of ${whom(ban)}`, () => [["Edit…", () => edit(ban)], ["Lift…", () => lift(ban), {danger: true}]])},
    ],
  });
  const lift = (ban) => confirm("Lift the ban?", `${whom(ban)} may come back.`, "Lift", async (reason) => { await remove(`/api/bans/${ban.id}`, reason); toast("Lifted"); list.reload(); });
  const edit = async (ban) => {
    const now = await get(`/api/bans/${ban.id}`);
    await ask({title: "Edit the ban", submit: "Save", text: whom(now),
      fields: [{name: "reason", label: "Reason", value: now.reason, max: 512}, {name: "seconds", label: "How long from now on", type: "select", value: "", options: [["", "as it is"], ...spansFor(me)]}, {name: "confirm", label: "Also when it hits others", type: "checkbox"}],
      onSubmit: async ({reason, seconds, confirm}) => { await call("PATCH", `/api/bans/${ban.id}`, {body: {reason, confirm, ...(seconds !== "" && {seconds: Number(seconds)})}, etag: now.etag}); toast("Saved"); }});
    list.reload();
  };
  const create = () => ask({
    title: "New ban", danger: true, submit: "Ban", text: "By an account, a device or an address, each of which keeps out by itself. Who is here is banned easier under People.",
    fields: [{name: "user", label: "Account, by its number", type: "number", min: "0"}, {name: "device", label: "Device", max: 64, hint: "64 hexadecimal digits"}, {name: "address", label: "Address or range", max: 64, placeholder: "203.0.113.0/24"},
      {name: "seconds", label: "How long", type: "select", number: true, value: "86400", options: spansFor(me)}, reasonField, {name: "confirm", label: "Also when it hits others", type: "checkbox"}],
    onSubmit: async ({user, device, address, ...rest}) => { await post("/api/ban", {...rest, ...(user && {user}), ...(device && {device}), ...(address && {address})}); toast("Banned"); list.reload(); },
  });
  put(main, page("Bans", [h("button", {type: "button", class: "primary", onclick: create}, icon("plus"), "New ban")], list.element));
  list.reload();
}
