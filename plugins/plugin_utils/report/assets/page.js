"use strict";
// The table is there without this: it adds sorting, filters, the keyboard, and folds the details away.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const SEVERITIES = ["low", "medium", "high", "critical"];
  const NONE = "-";
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const byId = (id) => document.getElementById(id);
  const filter = { text: "", severity: "", bundle: "", view: "all", venv: "", host: "" };
  let table, entries, current;

  // One per tbody: an environment of a host, with its details.
  const entry = (body) => {
    const row = body.rows[0];
    return { body, row, order: Number(body.dataset.order), toggle: null, data: body.dataset, keys: new Map(), words: null };
  };

  const words = (one) => {
    const parts = [one.row, ...one.body.querySelectorAll("dd, .finding")];
    one.words ??= parts.map((part) => part.textContent).join(" ").toLowerCase();
    return one.words;
  };

  // ---- which rows are shown
  const inView = {
    all: () => true,
    unanswered: (one) => one.data.worst === "unanswered",
    off: (one) => one.data.standing === "apart" || one.data.standing === "unapproved",
    drifted: (one) => "drifted" in one.data,
    suppressed: (one) => "suppressed" in one.data,
  };
  for (const severity of SEVERITIES) {
    inView[severity] = (one) => Boolean(one.row.querySelector(`.sev.${severity}`));
  }

  const hasSeverity = (one) => {
    if (!filter.severity) return true;
    if (filter.severity === "none") return one.data.worst === "";
    return SEVERITIES.indexOf(one.data.worst) >= SEVERITIES.indexOf(filter.severity);
  };

  const fits = (one, terms) =>
    inView[filter.view](one) && hasSeverity(one) &&
    (!filter.bundle || one.data.bundle === filter.bundle) &&
    (!filter.venv || one.data.venv === filter.venv) &&
    (!filter.host || one.data.host === filter.host) &&
    terms.every((term) => words(one).includes(term));

  // A host that did not answer has no details to open.
  const reachable = () => entries.filter((one) => !one.body.hidden && one.toggle);

  const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  const refresh = () => {
    const terms = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
    const hosts = new Set();
    let number = 0, before = null;
    for (const one of entries) {
      const fit = fits(one, terms);
      one.body.hidden = !fit;
      if (!fit) continue;
      number += 1;
      hosts.add(one.data.host);
      one.body.classList.toggle("again", one.data.host === before);
      before = one.data.host;
    }
    byId("count").textContent = number === entries.length
      ? `${plural(number, "row")}, ${plural(hosts.size, "host")}`
      : `${number} of ${plural(entries.length, "row")}, ${plural(hosts.size, "host")}`;
    byId("hosts").value = [...hosts].join(",");
    byId("empty").hidden = number > 0;
    press();
    if (!current || current.body.hidden) makeCurrent(reachable()[0]);
  };

  const press = () => {
    for (const button of document.querySelectorAll(".tiles button")) {
      button.setAttribute("aria-pressed", String(button.parentNode.dataset.view === filter.view && filter.view !== "all"));
    }
    for (const button of document.querySelectorAll(".shares button")) {
      const { bundle, venv } = button.parentNode.dataset;
      button.setAttribute("aria-pressed", String(bundle === filter.bundle && venv === filter.venv));
    }
  };

  const show = (change) => {
    Object.assign(filter, change);
    byId("text").value = filter.text;
    byId("severity").value = filter.severity;
    byId("bundle").value = filter.bundle;
    refresh();
  };

  const everything = { text: "", severity: "", bundle: "", view: "all", venv: "", host: "" };
  const clear = () => {
    if (location.hash.length > 1) history.replaceState(null, "", "#");
    show(everything);
  };

  // ---- sorting
  const keyOf = (one, column) => {
    if (!one.keys.has(column)) one.keys.set(column, readKey(one, column));
    return one.keys.get(column);
  };

  const readKey = (one, column) => {
    const cell = one.row.cells[column];
    if (!cell || cell.colSpan > 1) return null;
    const text = cell.dataset.key ?? cell.textContent.trim();
    if (["", "–", "none"].includes(text)) return null;
    return cell.dataset.key !== undefined && !Number.isNaN(Number(text)) ? Number(text) : text;
  };

  // What has no value stands last in either direction; a host that did not answer stands before all findings.
  const sort = (column, descending) => {
    const sign = descending ? -1 : 1;
    const silent = (one) => column === 6 && one.data.worst === "unanswered";
    entries.sort((a, b) => {
      if (column === 0) return sign * (a.order - b.order);
      if (silent(a) !== silent(b)) return silent(a) ? sign : -sign;
      const x = keyOf(a, column), y = keyOf(b, column);
      if (x === null || y === null) return (x === null) - (y === null) || a.order - b.order;
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : order.compare(x, y)) || a.order - b.order;
    });
    const all = document.createDocumentFragment();
    all.append(...entries.map((one) => one.body));
    table.append(all);
    refresh();
  };

  const sortBy = (head) => {
    const first = head.dataset.first ?? "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const direction = head.getAttribute("aria-sort") === first ? other : first;
    for (const one of head.parentNode.cells) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    sort(head.cellIndex, direction === "descending");
  };

  // ---- details
  const open = (one, wanted) => {
    if (!one.toggle) return;
    one.body.classList.toggle("open", wanted);
    one.toggle.setAttribute("aria-expanded", String(wanted));
  };

  const isOpen = (one) => one.body.classList.contains("open");

  // Of all rows one is in the tab order; the arrow keys go to the others.
  const makeCurrent = (one) => {
    if (current?.toggle) current.toggle.tabIndex = -1;
    current = one;
    if (current?.toggle) current.toggle.tabIndex = 0;
  };

  const goTo = (one) => {
    if (!one) return;
    makeCurrent(one);
    one.toggle.focus();
  };

  const moves = {
    ArrowDown: (rows, at) => goTo(rows[Math.min(at + 1, rows.length - 1)]),
    ArrowUp: (rows, at) => goTo(rows[Math.max(at - 1, 0)]),
    Home: (rows) => goTo(rows[0]),
    End: (rows) => goTo(rows[rows.length - 1]),
    ArrowRight: (rows, at) => open(rows[at], true),
    ArrowLeft: (rows, at) => open(rows[at], false),
  };

  const entryOf = (element) => entries.find((one) => one.body.contains(element));

  const onTableKey = (event) => {
    if (!event.target.matches(".row button") || !(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const rows = reachable();
    moves[event.key](rows, rows.findIndex((one) => one.toggle === event.target));
  };

  const onKey = (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("text").focus();
      byId("text").select();
    } else if (event.key === "Escape") {
      // The first clears, the second leaves the field.
      if (Object.entries(everything).every(([name, value]) => filter[name] === value)) document.activeElement.blur();
      clear();
    } else if (event.key === "ArrowDown" && event.target === byId("text")) {
      event.preventDefault();
      goTo(reachable()[0]);
    }
  };

  const onTableClick = (event) => {
    const head = event.target.closest("thead th");
    if (head) return sortBy(head);
    const row = event.target.closest("tr.row");
    // Text that somebody selects to copy it is no click.
    if (!row || event.target.closest("a") || String(getSelection())) return undefined;
    const one = entryOf(row);
    if (one.toggle) makeCurrent(one);
    open(one, !isOpen(one));
    return undefined;
  };

  // #host-NAME: the rows of that host alone, opened.
  const follow = () => {
    const wanted = location.hash.slice(1);
    const target = wanted && byId(wanted);
    const found = target && entries.find((one) => one.body === target);
    if (!found) return;
    show({ ...everything, host: found.data.host });
    for (const one of entries) if (!one.body.hidden) open(one, true);
    byId("tools").scrollIntoView({ block: "start" });
    if (found.toggle) {
      makeCurrent(found);
      found.toggle.focus({ preventScroll: true });
    }
  };

  // ---- what only a script can use is made here
  const button = (parent) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...parent.childNodes);
    parent.append(made);
    return made;
  };

  const makeToggle = (one) => {
    if (one.body.rows.length < 2) return;
    one.toggle = button(one.row.cells[0]);
    one.toggle.tabIndex = -1;
    one.toggle.setAttribute("aria-expanded", "false");
  };

  const makeFilters = () => {
    for (const tile of document.querySelectorAll(".tiles > [data-view]")) {
      button(tile).addEventListener("click", () => show({ view: filter.view === tile.dataset.view ? "all" : tile.dataset.view }));
    }
    for (const share of document.querySelectorAll(".shares > li")) {
      const { bundle, venv } = share.dataset;
      const isOn = () => filter.bundle === bundle && filter.venv === venv;
      button(share).addEventListener("click", () => show(isOn() ? { bundle: "", venv: "" } : { bundle, venv }));
    }
    const bundles = new Map();
    for (const { data } of entries) if (data.bundle) bundles.set(data.bundle, (bundles.get(data.bundle) ?? 0) + 1);
    for (const [bundle, number] of [...bundles].sort((a, b) => b[1] - a[1])) {
      byId("bundle").add(new Option(`${bundle === NONE ? "none" : bundle.slice(0, 12)} (${number})`, bundle));
    }
  };

  const tellAge = () => {
    const at = Date.parse(document.querySelector("header time")?.dateTime ?? "");
    const hours = (Date.now() - at) / 3600000;
    if (!(hours >= 0)) return;
    const [number, unit] = hours < 1 ? [hours * 60, "minute"] : hours < 48 ? [hours, "hour"] : [hours / 24, "day"];
    byId("ago").textContent = `(${plural(Math.floor(number), unit)} ago)`;
    byId("ago").classList.toggle("stale", hours >= 48);
  };

  const listen = () => {
    byId("text").addEventListener("input", (event) => show({ text: event.target.value }));
    byId("severity").addEventListener("change", (event) => show({ severity: event.target.value }));
    byId("bundle").addEventListener("change", (event) => show({ bundle: event.target.value, venv: "" }));
    byId("clear").addEventListener("click", clear);
    byId("tools").addEventListener("submit", (event) => event.preventDefault());
    byId("names").addEventListener("click", (event) => {
      const panel = byId("limit");
      panel.hidden = !panel.hidden;
      event.target.setAttribute("aria-expanded", String(!panel.hidden));
      if (!panel.hidden) byId("hosts").select();
    });
    table.addEventListener("click", onTableClick);
    table.addEventListener("keydown", onTableKey);
    table.addEventListener("focusin", (event) => event.target.matches(".row button") && makeCurrent(entryOf(event.target)));
    document.addEventListener("keydown", onKey);
    addEventListener("hashchange", follow);
    // The head of the table sticks below the tools, and they take one line or several.
    new ResizeObserver(() => {
      const isSticky = getComputedStyle(byId("tools")).position === "sticky";
      root.style.setProperty("--bar", isSticky ? `${byId("tools").offsetHeight}px` : "0px");
    }).observe(byId("tools"));
  };

  document.addEventListener("DOMContentLoaded", () => {
    table = byId("fleet");
    entries = [...table.tBodies].map(entry);
    entries.forEach(makeToggle);
    for (const head of table.tHead.rows[0].cells) button(head);
    makeFilters();
    listen();
    byId("tools").hidden = false;
    refresh();
    tellAge();
    follow();
  });
})();
