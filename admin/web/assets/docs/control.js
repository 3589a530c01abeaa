// The OpenRPC document of the control protocol, to read.

import {h, put} from "/assets/dom.js";

const contents = document.getElementById("contents");
const main = document.getElementById("document");

// typeOf says a schema in a few words, with links to what it refers to.
function typeOf(schema) {
  if (!schema || Object.keys(schema).length === 0) return "anything";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return h("a", {href: `#schema-${name}`}, name);
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return ["list of ", typeOf(schema.items)];
  const text = [schema.type || "object", schema.format && ` (${schema.format})`];
  if (schema.additionalProperties && typeof schema.additionalProperties === "object") text.push(" of ", typeOf(schema.additionalProperties));
  return text;
}

const row = (name, required, schema, text) => h("tr", {}, h("td", {}, h("code", {}, name)), h("td", {}, typeOf(schema)), h("td", {}, required ? "needed" : ""), h("td", {}, text || schema?.description || ""));
const table = (rows) => h("table", {}, h("thead", {}, h("tr", {}, ["Name", "Type", "Needed", "Meaning"].map((title) => h("th", {scope: "col"}, title)))), h("tbody", {}, rows));
const properties = (schema) => Object.entries(schema.properties || {}).map(([name, of]) => row(name, (schema.required || []).includes(name), of));

function method(m) {
  const errors = (m.errors || []).map((e) => e.message || e.$ref?.split("/").pop());
  return h("section", {id: m.name}, h("h2", {}, h("code", {}, m.name)), h("p", {}, m.summary, m.description && [" ", m.description]),
    m["x-when"] && h("span", {class: "tag"}, {open: "after session.open", before: "before session.open", any: "at any time"}[m["x-when"]] || m["x-when"]),
    m.params?.length ? [h("h3", {}, "Params"), table(m.params.map((p) => row(p.name, p.required, p.schema, p.summary)))] : h("h3", {}, "No params"),
    h("h3", {}, "Result"), h("p", {}, m.result ? typeOf(m.result.schema) : "none: a notification"),
    errors.length > 0 && [h("h3", {}, "Errors"), errors.map((e) => h("span", {class: "tag"}, e))],
    (m.examples || []).map((e) => h("pre", {tabindex: "0"}, JSON.stringify(e, null, 2))));
}

function codes(all) {
  const rows = Array.isArray(all) ? all.map((c) => [c.code || c.name || c, c.summary || c.description || ""]) : Object.entries(all || {}).map(([code, of]) => [code, typeof of === "string" ? of : of.summary || of.description || ""]);
  return table(rows.map(([code, text]) => h("tr", {}, h("td", {}, h("code", {}, String(code))), h("td", {colspan: "3"}, String(text)))));
}

function draw(doc) {
  const events = doc["x-events"] || [];
  const schemas = Object.entries(doc.components?.schemas || {});
  const group = (title, links) => [h("h2", {}, title), links.map(([href, text]) => h("a", {href: `#${href}`}, text))];
  put(contents, group("Methods", doc.methods.map((m) => [m.name, m.name])), group("Events", events.map((e) => [`event-${e.name}`, e.name])), group("More", [["codes", "error codes"]]), group("Schemas", schemas.map(([name]) => [`schema-${name}`, name])));
  put(main, h("h1", {}, doc.info.title, " ", h("small", {}, doc.info.version)), h("p", {}, doc.info.description), doc.methods.map(method),
    events.map((e) => h("section", {id: `event-${e.name}`}, h("h2", {}, "event ", h("code", {}, e.name)), h("p", {}, e.summary), h("p", {}, "Params: ", typeOf(e.params)))),
    h("section", {id: "codes"}, h("h2", {}, "Error codes"), codes(doc["x-error-codes"])),
    schemas.map(([name, schema]) => h("section", {id: `schema-${name}`}, h("h2", {}, h("code", {}, name)), schema.description && h("p", {}, schema.description), schema.properties ? table(properties(schema)) : h("p", {}, typeOf(schema)))));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

try {
  const response = await fetch("/openrpc.json");
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  draw(await response.json());
} catch (error) {
  put(main, h("p", {role: "alert"}, `The document could not be read: ${error.message}`));
}
