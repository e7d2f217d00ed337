// Saves each tap on a register at once and says honestly whether it was saved. Without this script the whole form has a Save button.
// Nothing is kept on the device: a tap that could not be sent stays on the page, is tried again, and leaving the page warns.
(() => {
  const form = document.getElementById("register");
  if (!form || !form.dataset.mark || !window.fetch) return;

  const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
  const connection = document.querySelector("[data-connection]");
  const retry = document.querySelector("[data-retry]");
  const rows = new Map([...form.querySelectorAll("[data-person]")].map((row) => [row.dataset.person, row]));
  const WAIT = 12000; // milliseconds before an answer counts as lost
  const TRY_AGAIN = 5000;
  const KEYBOARD_PAUSE = 400; // arrow keys pass over marks on their way
  const ASK_AGAIN = 20000; // how often the page asks for what another trainer marked

  const wanted = new Map(); // person: the mark tapped and not yet saved, in the order of the taps
  let isSending = false; // one at a time, so that a bad line carries what was tapped first
  const pauses = new Map();
  let failure = "";
  let saved = "";
  let refused = "";
  let byKeyboard = false;
  let again = 0;

  document.querySelector("[data-save]").hidden = true;

  const counts = () => {
    const values = [...rows.values()].map((row) => form.elements[`mark-${row.dataset.person}`].value);
    const missing = values.filter((value) => value === "absent").length;
    const notMarked = values.filter((value) => value === "").length;
    const shown = { here: values.length - missing - notMarked, missing, not_marked: notMarked };
    for (const place of document.querySelectorAll("[data-count]")) place.textContent = shown[place.dataset.count];
    form.querySelector("[data-all]").hidden = notMarked === 0;
  };

  const say = () => {
    const state = failure ? "failed" : wanted.size ? "saving" : refused ? "refused" : "saved";
    const words = { failed: failure, saving: "Saving…", refused, saved };
    if (connection.textContent !== words[state]) connection.textContent = words[state];
    connection.className = `r-connection r-connection--${state}`;
    connection.hidden = !words[state];
    retry.hidden = !failure;
  };

  const note = (row, text, isError) => {
    row.querySelector(".r-state").textContent = text;
    row.classList.toggle("r-row--error", Boolean(isError));
  };

  const choose = (row, value) => {
    for (const radio of row.querySelectorAll("input[type=radio]")) radio.checked = radio.value === value;
  };

  const show = (mark) => {
    const row = rows.get(mark.person);
    if (!row) return;
    choose(row, mark.value);
    settle(row, mark);
  };

  // What the server says stands, also for the form that a later Save would send.
  const settle = (row, mark) => {
    row.dataset.value = mark.value;
    row.dataset.version = mark.version;
    row.querySelector("input[type=hidden]").value = `${mark.value}:${mark.version}`;
  };

  const post = async (url, fields, more) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), WAIT);
    try {
      return await fetch(url, {
        method: "POST",
        headers: { "X-CSRFToken": token, Accept: "application/json" },
        body: new URLSearchParams(fields),
        signal: stop.signal,
        ...more,
      });
    } finally {
      clearTimeout(timer);
    }
  };

  // Sends one tap; says what went wrong where it is to be tried again.
  const send = async (person, value) => {
    const row = rows.get(person);
    const done = (text, isError) => {
      if (wanted.get(person) === value || isError) wanted.delete(person);
      note(row, isError ? text : "", isError);
      [saved, refused] = isError ? ["", text] : [text, ""];
      return "";
    };
    try {
      const answer = await post(form.dataset.mark, { person, value, version: row.dataset.version });
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      const body = isJson ? await answer.json() : {};
      if (answer.ok && body.mark) {
        settle(row, body.mark);
        return done(`Saved ${body.mark.at}`, false);
      }
      if (answer.status === 409 && body.mark) {
        show(body.mark);
        return done(body.message, true);
      }
      if (answer.status === 400 || answer.status === 422) {
        choose(row, row.dataset.value);
        return done(body.message, true);
      }
      if (answer.redirected || answer.status === 403) return "Not saved: you are signed out. Sign in again in another tab, then try again";
      return "Not saved: the server did not answer, try again";
    } catch {
      return "Not saved: no connection, try again";
    }
  };

  const sendAll = async () => {
    if (isSending) return;
    isSending = true;
    clearTimeout(again);
    say();
    while (wanted.size) {
      const [person, value] = wanted.entries().next().value;
      failure = await send(person, value);
      counts();
      if (failure) {
        for (const waiting of wanted.keys()) note(rows.get(waiting), "Not saved yet", true);
        again = setTimeout(sendAll, TRY_AGAIN);
        break;
      }
      say();
    }
    if (!wanted.size) failure = "";
    isSending = false;
    say();
  };

  form.addEventListener("keydown", () => { byKeyboard = true; });
  form.addEventListener("pointerdown", () => { byKeyboard = false; });
  form.addEventListener("change", (event) => {
    const row = event.target.closest("[data-person]");
    if (!row || event.target.type !== "radio") return;
    const person = row.dataset.person;
    wanted.set(person, event.target.value);
    note(row, "");
    counts();
    say();
    clearTimeout(pauses.get(person));
    pauses.set(person, setTimeout(sendAll, byKeyboard ? KEYBOARD_PAUSE : 0));
  });

  retry.addEventListener("click", sendAll);
  window.addEventListener("online", sendAll);
  window.addEventListener("offline", () => {
    failure = wanted.size ? "Not saved: no connection, try again" : "No connection: marks can't be saved now";
    say();
  });
  window.addEventListener("beforeunload", (event) => {
    if (wanted.size) event.preventDefault();
  });

  const allSaved = async () => {
    sendAll();
    const until = Date.now() + WAIT;
    while (wanted.size && !failure && Date.now() < until) await new Promise((go) => setTimeout(go, 50));
    return wanted.size === 0;
  };

  // "All present" waits for the taps on their way, and says so when it did not get through.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = { csrfmiddlewaretoken: token };
    if (event.submitter && event.submitter.name) fields[event.submitter.name] = event.submitter.value;
    if (!(await allSaved())) return say();
    try {
      const answer = await post(window.location.href, fields, { redirect: "manual" });
      if (answer.type === "opaqueredirect") return window.location.reload();
      failure = "Not saved: the server did not answer, try again";
    } catch {
      failure = "Not saved: no connection, try again";
    }
    say();
  });

  const filter = document.getElementById("filter");
  if (filter) {
    document.querySelector("[data-search]").hidden = false;
    const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f’']/g, "").toLowerCase();
    const names = new Map([...rows.values()].map((row) => [row, plain(row.querySelector(".r-name").textContent)]));
    const link = form.querySelector("[data-walk-in]");
    const start = link.getAttribute("href");
    filter.addEventListener("input", () => {
      const words = plain(filter.value).split(/\s+/).filter(Boolean);
      let found = 0;
      for (const [row, name] of names) {
        row.hidden = !words.every((word) => name.includes(word));
        if (!row.hidden) found += 1;
      }
      form.querySelector("[data-nobody]").hidden = found > 0;
      link.setAttribute("href", `${start}?q=${encodeURIComponent(filter.value.trim())}`);
      document.querySelector("[data-found]").textContent = words.length ? `${found} of ${rows.size} shown` : "";
    });
    filter.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }

  // What another trainer marked, while this page is looked at.
  const ask = async () => {
    if (document.hidden || wanted.size || isSending) return;
    try {
      const answer = await fetch(form.dataset.marks, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const { closed, marks } = await answer.json();
      if (closed) return window.location.reload();
      for (const mark of marks) {
        const row = rows.get(mark.person);
        if (!row) continue;
        if (wanted.has(mark.person) || Number(row.dataset.version) >= mark.version) continue;
        show(mark);
        note(row, mark.by ? `${mark.label}, marked by ${mark.by} at ${mark.at}` : "");
      }
      counts();
      if (failure && !wanted.size) failure = "";
      say();
    } catch {
      failure = "No connection: marks can't be saved now";
      say();
    }
  };
  setInterval(ask, ASK_AGAIN);
  document.addEventListener("visibilitychange", ask);

  counts();
  say();
})();
