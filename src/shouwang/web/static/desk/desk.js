// Everything works without this file; it only saves waiting and clicks.
(function () {
  "use strict";

  // A part of a page that is still moving is fetched again until it has come to rest.
  function follow(box) {
    var wait = Number(box.getAttribute("data-follow-every")) || 1500;
    window.setTimeout(function () {
      fetch(box.getAttribute("data-follow"), { headers: { "X-Fragment": "1" }, credentials: "same-origin" })
        .then(function (answer) {
          if (!answer.ok) throw new Error(String(answer.status));
          if (answer.redirected) return window.location.reload();
          return answer.text();
        })
        .then(function (text) {
          if (text === undefined) return;
          var page = new DOMParser().parseFromString(text, "text/html");
          var fresh = page.querySelector("[data-follow],[data-arrived]");
          if (!fresh) return follow(box);
          if (fresh.hasAttribute("data-arrived")) return window.location.replace(fresh.getAttribute("data-arrived"));
          box.replaceWith(fresh);
          follow(fresh);
        })
        .catch(function () {
          follow(box);
        });
    }, wait);
  }
  document.querySelectorAll("[data-follow]").forEach(follow);

  // Where a script runs, the page need not reload itself.
  document.querySelectorAll("[data-submit-on-change]").forEach(function (form) {
    form.addEventListener("change", function (event) {
      if (event.target.tagName === "SELECT") form.submit();
    });
  });

  // What was typed into a form that was refused comes back into it, and the form is open again.
  document.querySelectorAll("[data-typed]").forEach(function (kept) {
    var of = kept.getAttribute("data-typed").split(" "), text = kept.querySelector("span").textContent;
    document.querySelectorAll("main form").forEach(function (form) {
      var value = function (name) { return form.elements[name] ? form.elements[name].value : ""; };
      if ((value("action") + value("measure") || "-") !== of[0]) return;
      form.querySelectorAll("[name]").forEach(function (field) {
        if (field.name !== of[1] || field.type === "hidden" || field.type === "file") return;
        if (field.type === "checkbox" || field.type === "radio") { if (field.value === text) field.checked = true; }
        else field.value = text;
        for (var box = form; (box = box.parentElement); ) if (box.tagName === "DETAILS") box.open = true;
        kept.remove();
      });
    });
  });

  // A form is sent once, however often the button is pressed.
  document.querySelectorAll("form[data-once]").forEach(function (form) {
    form.addEventListener("submit", function () {
      var button = form.querySelector("button[type=submit]");
      window.setTimeout(function () {
        button.disabled = true;
      }, 0);
    });
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-once] button[type=submit]").forEach(function (button) {
      button.disabled = false;
    });
  });

  // What is ticked is kept at once, so that it survives paging; without a script a button does it.
  document.querySelectorAll("form[data-picking]").forEach(function (form) {
    form.querySelectorAll("[data-without-script]").forEach(function (button) {
      button.hidden = true;
    });
    var waiting = Promise.resolve();
    document.addEventListener("change", function (event) {
      if (event.target.name !== "pick") return;
      var kept = new FormData(form);
      kept.set("what", "keep");
      waiting = waiting
        .then(function () {
          return fetch(form.action, { method: "POST", body: kept, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
        })
        .then(function (answer) {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.text();
        })
        .then(function (text) {
          form.querySelector("[data-picked]").innerHTML = text;
        })
        .catch(function () {
          window.location.reload();
        });
    });
  });

  // Lists by keyboard: J and K (or the arrows, once inside) move from row to row, X picks, Enter opens.
  document.addEventListener("keydown", function (event) {
    var at = event.target, typing = at.matches("input:not([type=checkbox]),select,textarea");
    if (event.ctrlKey || event.altKey || event.metaKey || typing) return;
    var links = Array.from(document.querySelectorAll("main .row-link")), row = at.closest("tr");
    var here = links.findIndex(function (link) {
      return row !== null && row.contains(link);
    });
    var step = { j: 1, k: -1, ArrowDown: here < 0 ? 0 : 1, ArrowUp: here < 0 ? 0 : -1 }[event.key];
    if (step) {
      var next = links[here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1)];
      if (!next) return;
      event.preventDefault();
      next.focus();
    } else if (event.key === "x" && here >= 0) {
      var box = row.querySelector("input[type=checkbox]");
      if (box) box.click();
    }
  });

  // A phone may say where the visit is; nobody has to.
  document.querySelectorAll("[data-locate]").forEach(function (box) {
    if (!("geolocation" in navigator)) return;
    box.hidden = false;
    box.querySelector("button").addEventListener("click", function () {
      var said = box.querySelector("[role=status]");
      said.textContent = "正在定位……";
      navigator.geolocation.getCurrentPosition(
        function (place) {
          document.getElementById("id_latitude").value = place.coords.latitude.toFixed(6);
          document.getElementById("id_longitude").value = place.coords.longitude.toFixed(6);
          said.textContent = "已记下。";
        },
        function () {
          said.textContent = "没有取得位置，请在走访地点里写明。";
        },
        { enableHighAccuracy: true, timeout: 15000 }
      );
    });
  });

  // Only one menu stands open, and Escape closes it.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") closeMenus(null);
  });
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details.menu"));
  });
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.removeAttribute("open");
    });
  }
})();
