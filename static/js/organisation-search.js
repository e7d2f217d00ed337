// Search as you type for organisations: turns the plain text field into a combobox with a list under it.
// Without this script the field is plain text and the server asks "Is it one of these?" after sending.
(() => {
  const input = document.querySelector("input[data-organisation-search]");
  const frame = input && input.closest("[data-organisation-search-url]");
  if (!frame) return;
  const url = frame.dataset.organisationSearchUrl;

  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.className = "t-combobox__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Organisations");
  list.hidden = true;
  const said = document.createElement("div");
  said.className = "govuk-visually-hidden";
  said.setAttribute("role", "status");
  const holder = document.createElement("div");
  holder.className = "t-combobox";
  input.before(holder);
  holder.append(input, list, said);

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let options = [];
  let current = -1;
  let asked = 0;
  let timer = 0;

  const close = () => {
    list.hidden = true;
    current = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    current = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    const item = list.children[index];
    if (!item) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  };

  const choose = (index) => {
    input.value = options[index].name;
    close();
    said.textContent = `${options[index].name} chosen`;
  };

  const show = (found) => {
    options = found;
    list.replaceChildren(
      ...found.map((option, index) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${index}`;
        item.className = "t-combobox__option";
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        const detail = document.createElement("span");
        detail.className = "t-combobox__detail";
        detail.textContent = option.detail;
        item.append(option.name, " ", detail);
        // Before the field loses the focus.
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(index);
        });
        return item;
      }),
    );
    list.hidden = found.length === 0;
    current = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(found.length > 0));
    said.textContent = found.length
      ? `${found.length} ${found.length === 1 ? "organisation" : "organisations"} found. Use the arrow keys to choose.`
      : "No organisation found. Write the name in full: an officer will add it.";
  };

  const search = async () => {
    const text = input.value.trim();
    const mine = ++asked;
    if (text.length < 2) return close();
    try {
      const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { organisations } = await answer.json();
      if (mine === asked && document.activeElement === input) show(organisations);
    } catch {
      close(); // offline: the field stays plain text
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 150);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        if (event.key === "ArrowDown") search();
      } else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark((current + step + options.length) % options.length);
      }
      event.preventDefault();
    } else if (event.key === "Enter" && !list.hidden && current >= 0) {
      choose(current);
      event.preventDefault();
    } else if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault();
    }
  });
})();
