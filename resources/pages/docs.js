const api = new URL("../openapi.json", document.currentScript.src).href;
SwaggerUIBundle({ url: api, dom_id: "#page", docExpansion: "none", validatorUrl: null });
