// Who is let in.

import {h, put, icon, roleBadge, roleOptions, when} from "/assets/dom.js";
import {get, post, query, remove} from "/assets/api.js";
import {ask, confirm, listing, page, reasonField, secret, show, toast} from "/assets/ui.js";
import {qrcode} from "/assets/vendor/qrcode.js";

const spans = [["86400", "1 day"], ["604800", "7 days"], ["2592000", "30 days"], ["0", "for good"]];

// code draws a text as a QR code.
function code(text) {
  const made = qrcode(0, "M");
  made.addData(text);
  made.make();
  const n = made.getModuleCount();
  let path = "";
  for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) if (made.isDark(y, x)) path += `M${x + 4} ${y + 4}h1v1h-1z`;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${n + 8} ${n + 8}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "The link as a QR code");
  const dark = document.createElementNS("http://www.w3.org/2000/svg", "path");
  dark.setAttribute("d", path);
  svg.append(dark);
  return svg;
}

export function mount(main, {server}) {
  const list = listing({
    caption: "Invites", empty: "There are no invites. Make one, and send its link to whom you want here.", load: (page) => get("/api/invites" + query({page})),
    columns: [
      {title: "Gives the role", cell: (invite) => roleBadge(invite.role)}, {title: "Uses left", cell: (invite) => invite.uses},
      {title: "Good until", cell: (invite) => when(invite.expires, "for good")}, {title: "Made", cell: (invite) => when(invite.created)},
      {class: "end", cell: (invite) => h("button", {type: "button", class: "danger-text", onclick: () => confirm("Delete the invite?", "Its link is worthless then. The accounts that came of it stay.", "Delete", async (reason) => { await remove(`/api/invites/${invite.id}`, reason); toast("Deleted"); list.reload(); })}, "Delete")},
    ],
  });
  const create = () => ask({
    title: "New invite", submit: "Create",
    fields: [{name: "role", label: "Gives the role", type: "select", number: true, value: 10, options: roleOptions(20)}, {name: "uses", label: "For how many accounts", type: "number", min: "1", max: "10000", value: 1, required: true},
      {name: "seconds", label: "Good for", type: "select", number: true, value: "604800", options: spans}, reasonField],
    onSubmit: async ({reason, ...values}) => {
      const made = await post("/api/invites", values, reason);
      const text = made.link || link(made.token, server);
      show("The invite", h("p", {}, "Whoever has this link can make an account. It is shown this once."), secret(text, "link"), code(text),
        !made.link && h("p", {class: "hint"}, "The address is the one of this page: set the public address under Settings when people reach the server by another."));
      list.reload();
    },
  });
  put(main, page("Invites", [h("button", {type: "button", class: "primary", onclick: create}, icon("plus"), "New invite")], list.element));
  list.reload();
}

// link makes one for a server that does not know its public address.
function link(token, server) {
  const port = server.control.split(":").pop();
  const host = location.hostname;
  return `voiceapp://${host}${port === "7788" ? "" : ":" + port}/?title=${encodeURIComponent(server.name)}&fp=${server.fingerprint}&invite=${token}`;
}
