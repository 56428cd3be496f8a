SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#page", docExpansion: "none", validatorUrl: null });
