// Copyright (c) 2026, the fleetops.usersync contributors
// SPDX-License-Identifier: GPL-3.0-or-later
"use strict";
(function () {
  const text = document.getElementById("filter-text");
  const level = document.getElementById("filter-level");
  const code = document.getElementById("filter-code");
  const result = document.getElementById("filter-result");
  const tables = Array.from(document.querySelectorAll("table[data-name]"));
  // As many rows at a time as a person reads; the rest is one click away
  const step = window.matchMedia("(max-width: 720px)").matches ? 10 : 50;
  const shownRows = new Map(tables.map((table) => [table, step]));

  function has(words, wanted) {
    return wanted === "" || words === "*" || words.split(" ").includes(wanted);
  }

  function filter() {
    const wanted = text.value.trim().toLowerCase();
    const counts = [];
    for (const table of tables) {
      const rows = table.tBodies[0].rows;
      const named = table.dataset.name;
      let shown = 0;
      for (const row of rows) {
        for (const item of row.querySelectorAll("li[data-text]")) {
          item.hidden = !item.dataset.text.includes(wanted);
        }
        const data = row.dataset;
        // A secret has no finding of its own: there only names count
        const judged = named === "secrets" || (has(data.levels, level.value) && has(data.codes, code.value));
        const fits = data.text.includes(wanted) && judged;
        row.hidden = !fits;
        row.classList.toggle("later", fits && shown >= shownRows.get(table));
        shown += fits ? 1 : 0;
      }
      more(table, shown);
      if (named === "findings" || named === "hosts") {
        counts.push(shown + " of " + rows.length + " " + named);
      }
    }
    result.textContent = counts.join(", ");
  }

  function more(table, fitting) {
    const left = fitting - shownRows.get(table);
    let button = table.nextElementSibling;
    if (!button || !button.classList.contains("more")) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "more";
      button.addEventListener("click", () => {
        shownRows.set(table, shownRows.get(table) + 10 * step);
        filter();
      });
      table.after(button);
    }
    button.hidden = left <= 0;
    button.textContent = "Show more (" + left + " rows are left)";
  }

  function reveal() {
    const row = document.getElementById(location.hash.slice(1));
    if (row && row.classList.contains("later")) {
      shownRows.set(row.closest("table"), Infinity);
      filter();
      row.scrollIntoView();
    }
  }

  function value(row, column) {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : cell.dataset.sort;
  }

  function compare(left, right) {
    const numbers = [left, right].map(Number);
    if (left !== "" && right !== "" && !numbers.some(Number.isNaN)) {
      return numbers[0] - numbers[1];
    }
    return left.localeCompare(right, "en", {numeric: true});
  }

  function sort(head) {
    const table = head.closest("table");
    const heads = Array.from(head.parentNode.cells);
    const column = heads.indexOf(head);
    const turn = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of heads) {
      if (other.hasAttribute("aria-sort")) {
        other.setAttribute("aria-sort", "none");
      }
    }
    head.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
    const rows = Array.from(table.tBodies[0].rows).map((row) => [value(row, column), row]);
    rows.sort((one, other) => turn * compare(one[0], other[0]));
    table.tBodies[0].append(...rows.map((pair) => pair[1]));
    filter();
  }

  for (const control of [text, level, code]) {
    control.addEventListener("input", filter);
  }
  document.getElementById("filters").addEventListener("reset", () => setTimeout(filter, 0));
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const head of document.querySelectorAll("th[aria-sort]")) {
    head.firstElementChild.addEventListener("click", () => sort(head));
  }
  window.addEventListener("hashchange", reveal);
  filter();
  reveal();
})();
