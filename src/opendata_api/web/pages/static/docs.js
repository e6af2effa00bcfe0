"use strict";
const place = document.getElementById("reference");
window.SwaggerUIBundle({
  url: place.dataset.openapi,
  domNode: place,
  validatorUrl: null,
  defaultModelsExpandDepth: -1,
  docExpansion: "none",
});
