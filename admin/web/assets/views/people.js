// Who is where, who talks, and what can be done about it.

import {h, put, icon, name, roleBadge, roles, ago} from "/assets/dom.js";
import {get, patch, post} from "/assets/api.js";
import {live, on, tree, pathOf} from "/assets/live.js";
import {act, ask, confirm, menu, openMenu, page, reasonField, searchBox, show, textOf, toast} from "/assets/ui.js";
import {editChannel, newChannel, moveChannel, deleteChannel} from "/assets/views/channelforms.js";

let dragged = null; // {person} or {channel}

export function mount(main, context) {
  const list = h("ul", {class: "tree", role: "tree", "aria-label": "Channels and people", onkeydown: (event) => keys(event, list)});
  const summary = h("p", {class: "dim", "aria-live": "polite"});
  let filter = "";
  put(main, page("People", [searchBox("Find by name", (text) => { filter = text.toLowerCase(); draw(); }),
    context.me.role >= roles.admin && h("button", {type: "button", class: "primary", onclick: () => newChannel(0)}, icon("plus"), "New channel")], summary, list));
  const say = () => put(summary, `${live.people.size} ${live.people.size === 1 ? "person" : "people"}, ${live.talking.size} talking, ${live.channels.size} channels`);
  const draw = () => {
    if (dragged) return; // what is dragged must not vanish under the hand; the end of it draws
    if (!live.ready) {
      put(summary, live.connected ? "Reading who is here…" : "No connection to the server at present; it comes back by itself.");
      return;
    }
    const focused = document.activeElement?.closest?.("[data-node]")?.dataset.node;
    const {rows, nowhere} = tree();
    say();
    const fits = (person) => !filter || person.name.toLowerCase().includes(filter);
    put(list, rows.filter((row) => !filter || row.people.some(fits)).map((row) => channelNode(row, fits, context)),
      nowhereNode(nowhere.filter(fits), context));
    const again = focused && list.querySelector(`[data-node="${focused}"]`);
    const first = again || list.querySelector("[data-node]");
    if (first) first.tabIndex = 0;
    if (again) again.focus();
  };
  const talk = () => {
    say();
    for (const line of list.querySelectorAll(".person")) line.classList.toggle("talks", live.talking.has(Number(line.dataset.session)));
  };
  const dropped = () => { dragged = null; draw(); };
  list.addEventListener("dragend", dropped);
  list.addEventListener("drop", dropped);
  const off = [on("people", draw), on("state", draw), on("talk", talk)];
  draw();
  return () => { dragged = null; off.forEach((f) => f()); };
}

// keys moves through the tree as the ARIA practices have it.
function keys(event, list) {
  const nodes = [...list.querySelectorAll("[data-node]")];
  const at = nodes.indexOf(event.target);
  if (at < 0) return;
  const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1}[event.key];
  if (to !== undefined && nodes[to]) {
    event.preventDefault();
    nodes[at].tabIndex = -1;
    nodes[to].tabIndex = 0;
    nodes[to].focus();
  } else if (event.key === "Enter" || event.key === "ContextMenu" || event.key === " ") {
    event.preventDefault();
    event.target.querySelector(":scope > .line button[aria-haspopup]")?.click();
  }
}

// drop makes an element take people and channels.
function drop(line, channel, context) {
  const takes = () => dragged && !(dragged.channel && (context.me.role < roles.admin || dragged.channel.id === channel.id)) && dragged.person?.channel !== channel.id;
  line.addEventListener("dragover", (event) => { if (takes()) { event.preventDefault(); line.classList.add("over"); } });
  line.addEventListener("dragleave", () => line.classList.remove("over"));
  line.addEventListener("drop", (event) => {
    line.classList.remove("over");
    if (!takes()) return;
    event.preventDefault();
    const {person, channel: moved} = dragged;
    if (person) act(() => patch(`/api/sessions/${person.session}`, {channel: channel.id}), `${person.name} is in ${pathOf(channel.id)}`);
    else act(() => post(`/api/channels/${moved.id}/move`, {parent: channel.id}), `${moved.name} is below ${pathOf(channel.id)}`);
  });
}

function draggable(line, what) {
  line.draggable = true;
  line.addEventListener("dragstart", (event) => {
    dragged = what;
    event.dataTransfer.setData("text/plain", what.person?.name || what.channel.name);
    event.dataTransfer.effectAllowed = "move";
    event.stopPropagation();
  });
}

// treeItem is one line of the tree, which is flat: its level is said, not nested.
function treeItem(line, depth, props) {
  const item = h("li", {role: "treeitem", "aria-level": String(depth + 1), tabindex: "-1", ...props}, line);
  item.style.setProperty("--depth", Math.min(depth, 12));
  return item;
}

function channelNode({channel, depth, people}, fits, context) {
  const admin = context.me.role >= roles.admin;
  const items = () => [
    ["Why may somebody not join?", () => { location.hash = `#/permissions?channel=${channel.id}`; }],
    ["Write to it…", () => write(channel)],
    admin && ["Edit…", () => editChannel(channel.id)],
    admin && ["New channel inside…", () => newChannel(channel.id)],
    admin && ["Move…", () => moveChannel(channel)],
    admin && ["Delete…", () => deleteChannel(channel), {danger: true}],
  ];
  const line = h("div", {class: "line"}, icon(channel.required_role > 0 ? "lock" : "channels"), name(channel.name),
    channel.required_role > 0 && h("span", {class: "dim small"}, "from ", roleBadge(channel.required_role)),
    channel.temporary && h("span", {class: "tag"}, "temporary"),
    h("span", {class: "spread"}), h("span", {class: "dim small"}, channel.max_users ? `${people.length} / ${channel.max_users}` : people.length || ""),
    h("span", {class: "dim small wide"}, `${Math.round(channel.bitrate / 1000)} kbit/s`),
    menu(`Actions on the channel ${channel.name}`, items));
  drop(line, channel, context);
  if (admin) draggable(line, {channel});
  return [treeItem(line, depth, {"data-node": `c${channel.id}`}), people.filter(fits).map((person) => personNode(person, depth + 1, context))];
}

function nowhereNode(people, context) {
  const line = h("div", {class: "line dim"}, "In no channel");
  drop(line, {id: 0}, context);
  return [treeItem(line, 0, {"data-node": "c0"}), people.map((person) => personNode(person, 1, context))];
}

const marks = [["muted", "micoff", "muted by the server"], ["deaf", "deaf", "deafened by the server"], ["self_muted", "micoff", "has muted himself"], ["self_deaf", "deaf", "has deafened himself"], ["priority", "star", "priority speaker"], ["recording", "record", "records"]];

function personNode(person, depth, context) {
  const talks = live.talking.has(person.session);
  const said = marks.filter(([flag]) => person[flag]);
  const line = h("div", {class: `line person${talks ? " talks" : ""}`, "data-session": String(person.session)}, h("span", {class: "voice"}, h("span", {class: "sr"}, "talks")), name(person.name), roleBadge(person.role),
    said.map(([flag, face, text]) => h("span", {class: `mark ${flag}`, title: text}, icon(face), h("span", {class: "sr"}, text))),
    h("span", {class: "spread"}), menu(`Actions on ${person.name}`, () => personItems(person, context)));
  if (context.me.role > person.role || context.me.role === roles.owner) draggable(line, {person});
  return treeItem(line, depth, {"data-node": `s${person.session}`, "data-name": person.name, "data-channel": String(person.channel), oncontextmenu: (event) => {
    event.preventDefault();
    openMenu(line.querySelector("button"), personItems(person, context));
  }});
}

function personItems(person, {me}) {
  const url = `/api/sessions/${person.session}`;
  const may = {disabled: me.role <= person.role && me.role < roles.owner};
  const flip = (flag, text) => [text, () => act(() => patch(url, {[flag]: !person[flag]}), `${person.name}: ${text.toLowerCase()}`), may];
  return [
    flip("muted", person.muted ? "Unmute" : "Mute"),
    flip("deaf", person.deaf ? "Undeafen" : "Deafen"),
    flip("priority", person.priority ? "No priority" : "Priority speaker"),
    ["Move…", () => move(person), may],
    me.via !== "token" && ["Message…", () => ask({title: `Message to ${person.name}`, fields: [{name: "text", label: "Text", type: "textarea", required: true, max: 2000}], submit: "Send",
      onSubmit: async ({text}) => { await post(`${url}/messages`, {text}); toast("Sent"); }})],
    person.user === 0 && ["Rename…", () => ask({title: `Rename ${person.name}`, fields: [{name: "name", label: "Name", value: person.name, required: true, max: 64}, reasonField], submit: "Rename",
      onSubmit: ({name, reason}) => patch(url, {name}, reason)}), may],
    ["About…", () => about(person)],
    ["Kick…", () => confirm(`Kick ${person.name}?`, "All sessions of the account and of the device end.", "Kick", (reason) => post("/api/kick", {session: person.session, reason})), {...may, danger: true}],
    ["Ban…", () => ban(person, me), {...may, danger: true}],
  ];
}

const move = (person) => ask({
  title: `Move ${person.name}`,
  fields: [{name: "channel", label: "To", type: "select", number: true, value: person.channel, options: [["0", "no channel"], ...tree().rows.map(({channel, path}) => [String(channel.id), path])]}, reasonField],
  submit: "Move",
  onSubmit: async ({channel, reason}) => { await patch(`/api/sessions/${person.session}`, {channel}, reason); toast(`${person.name} is in ${pathOf(channel)}`); },
});

const write = (channel) => ask({
  title: `Write to ${channel.name}`, fields: [{name: "text", label: "Text", type: "textarea", required: true, max: 2000}], submit: "Send",
  onSubmit: async ({text}) => { await post("/api/messages", {channel: channel.id, text}); toast("Sent"); },
});

async function about(person) {
  try {
    const info = await get(`/api/sessions/${person.session}`);
    show(person.name, h("dl", {class: "facts"}, [["Account", info.user ? `number ${info.user}` : "none: a guest"], ["Channel", pathOf(info.channel)], ["Address", info.address],
      ["Device", info.device || "none was proved"], ["Connected", ago(info.since)], ["Session", info.session]].map(([term, value]) => [h("dt", {}, term), h("dd", {}, String(value))])));
  } catch (error) {
    toast(textOf(error), "bad");
  }
}

const spans = [["3600", "1 hour"], ["86400", "1 day"], ["604800", "7 days"], ["2592000", "30 days"], ["0", "for good"]];

/** ban asks how somebody who is here is to be kept out. */
export function ban(person, me) {
  const admin = me.role >= roles.admin;
  const parts = [["account", "Account", person.user !== 0], ["device", "Device", true], ["address", "Address", person.user === 0]];
  return ask({
    title: `Ban ${person.name}?`, danger: true, submit: "Ban",
    text: "The sessions that the ban hits end at once. Behind one address there can be many people.",
    fields: [
      ...parts.filter(([part]) => part !== "account" || person.user).map(([part, label, value]) => ({name: part, label, type: "checkbox", value})),
      {name: "seconds", label: "How long", type: "select", number: true, value: "86400", options: spans.slice(0, admin ? 5 : 3)},
      reasonField, {name: "confirm", label: "Also when it hits others", type: "checkbox"},
    ],
    onSubmit: async (values) => {
      const chosen = parts.map(([part]) => part).filter((part) => values[part]);
      await post("/api/ban", {session: person.session, parts: chosen, seconds: values.seconds, reason: values.reason, confirm: values.confirm});
      toast(`${person.name} is banned`);
    },
  });
}

