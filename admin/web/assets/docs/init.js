// The documentation of the admin API, and a sign-in that makes "try it out" work.

const ui = window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});

const form = document.getElementById("sign-in");
const said = form.querySelector("output");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  try {
    const response = await fetch("/api/login", {method: "POST", headers: {"Content-Type": "application/json"}, body});
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    ui.preauthorizeApiKey("bearer", answer.token);
    form.reset();
    said.textContent = `Signed in as ${answer.user.name} until ${new Date(answer.expires).toLocaleTimeString()}`;
  } catch (error) {
    said.textContent = `Not signed in: ${error.message}`;
  }
});
