// Accounts and what they may.

import {h, put, icon, name, roleBadge, roleOptions, roles, when} from "/assets/dom.js";
import {call, get, patch, post, query, remove} from "/assets/api.js";
import {ask, confirm, listing, menu, page, reasonField, searchBox, secret, show, toast} from "/assets/ui.js";

const most = (me) => (me.role === roles.owner ? 40 : me.role - 1);

export function mount(main, {me}) {
  let text = "";
  const list = listing({
    caption: "Accounts", empty: "No account has such a name.", load: (page) => get("/api/users" + query({q: text, page})),
    columns: [
      {title: "Name", cell: (user) => name(user.name)},
      {title: "Role", cell: (user) => roleBadge(user.role)},
      {title: "Made", cell: (user) => when(user.created)},
      {title: "Number", cell: (user) => user.id},
      {class: "end", cell: (user) => menu(`Actions on ${user.name}`, () => items(user))},
    ],
  });
  const items = (user) => {
    const may = {disabled: me.role <= user.role && me.role < roles.owner};
    const url = `/api/users/${user.id}`;
    const done = (word) => { toast(word); list.reload(); return true; };
    return [
      ["Role…", async () => {
        const now = await get(url);
        ask({title: `Role of ${user.name}`, submit: "Set", fields: [{name: "role", label: "Role", type: "select", number: true, value: now.role, options: roleOptions(most(me), now.role)}, reasonField],
          onSubmit: async ({role, reason}) => { await call("PATCH", url, {body: {role}, reason, etag: now.etag}); return done("Set"); }});
      }, may],
      ["Rename…", () => ask({title: `Rename ${user.name}`, submit: "Rename", fields: [{name: "name", label: "Name", value: user.name, required: true, max: 64}, reasonField],
        onSubmit: async ({name, reason}) => { await patch(url, {name}, reason); return done("Renamed"); }}), may],
      ["New password…", () => ask({title: `New password for ${user.name}`, submit: "Set", text: "Its sessions end, and its devices have to log in again.",
        fields: [{name: "password", label: "Password", type: "password", autocomplete: "new-password", max: 1024, hint: "At least 8 characters; empty: one is made and shown to you."}, reasonField],
        onSubmit: async ({password, reason}) => {
          const made = await post(`${url}/password`, password ? {password} : {}, reason);
          if (made.password) show("The new password", h("p", {}, "It is shown this once."), secret(made.password, "password"));
          return done("Set");
        }}), may],
      ["Devices…", () => devices(user), may],
      ["What it did", () => { location.hash = `#/audit?actor=${user.id}`; }],
      ["Delete…", () => confirm(`Delete ${user.name}?`, "What it said and did stays.", "Delete", async (reason) => { await remove(url, reason); return done("Deleted"); }), {...may, danger: true}],
    ];
  };
  const create = () => ask({
    title: "New account", submit: "Create",
    fields: [{name: "name", label: "Name", required: true, max: 64}, {name: "password", label: "Password", type: "password", autocomplete: "new-password", max: 1024, hint: "At least 8 characters; empty: one is made and shown to you."},
      {name: "role", label: "Role", type: "select", number: true, value: 10, options: roleOptions(most(me))}, reasonField],
    onSubmit: async ({name, password, role, reason}) => {
      const made = await post("/api/users", {name, role, ...(password && {password})}, reason);
      if (made.password) show(`${name}'s password`, h("p", {}, "It is shown this once."), secret(made.password, "password"));
      list.reload();
    },
  });
  put(main, page("Users", [searchBox("Find by name", (value) => { text = value; list.reload(); }), h("button", {type: "button", class: "primary", onclick: create}, icon("plus"), "New account")], list.element));
  list.reload();
}

function devices(user) {
  const list = listing({
    caption: `Devices of ${user.name}`, empty: "No device logs in to this account without a password.", load: () => get(`/api/users/${user.id}/devices`),
    columns: [
      {title: "Device", cell: (device) => name(device.name)}, {title: "Last used", cell: (device) => when(device.used)},
      {class: "end", cell: (device) => h("button", {type: "button", class: "danger-text", onclick: async () => { await remove(`/api/users/${user.id}/devices/${device.id}`); list.reload(); }}, "Revoke")},
    ],
  });
  show(`Devices of ${user.name}`, list.element);
  list.reload();
}
