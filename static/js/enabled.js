// Runs before the page is drawn, so that nothing jumps when the components wake up.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
