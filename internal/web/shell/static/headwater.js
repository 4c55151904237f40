// Headwater's one script. Every page works without it; it adds live pages, autosave,
// choosing by typing, character counts, passkeys and upload progress.
(function () {
  "use strict";

  // Character counts.
  document.addEventListener("input", function (e) {
    var max = e.target.getAttribute && e.target.getAttribute("data-max");
    if (!max) return;
    var out = document.querySelector('[data-count="' + e.target.id + '"]');
    if (!out) return;
    var n = Array.from(e.target.value).length;
    out.textContent = out.textContent.replace(/^[\d,]+/, String(n));
    out.parentNode.classList.toggle("is-near", n > max * 0.95);
  });

  // Who wrote on this page, said with whatever is sent from it: somebody else may be signed in by then.
  var writer = (document.querySelector('meta[name="writer"]') || {}).content;
  function said(headers) { // in the head of a request
    if (writer) headers["Written-As"] = writer;
    headers.Accept = "application/json";
    return headers;
  }
  function inHead(text) { // as RFC 8187 has it
    return encodeURIComponent(text).replace(/['()*]/g, function (c) { return "%" + c.charCodeAt(0).toString(16); });
  }
  document.addEventListener("submit", function (e) {
    var form = e.target;
    if (!writer || form.method !== "post" || form.querySelector('[name="written_as"]')) return;
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = "written_as";
    field.value = writer;
    form.append(field);
  }, true);

  // redraw replaces the parts that can be refreshed by those of a page as the server
  // shows it now, and gives that page.
  function redraw(address) {
    return fetch(address, { credentials: "same-origin" })
      .then(function (res) { return res.ok ? res.text() : ""; })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        document.querySelectorAll("[data-refresh]").forEach(function (part) {
          var fresh = page.querySelector('[data-refresh="' + part.dataset.refresh + '"]');
          if (fresh) part.replaceChildren.apply(part, Array.from(fresh.childNodes));
        });
        return page;
      });
  }

  // Autosave: what changed is sent two seconds after the last key, with the
  // version that it was written on. What cannot be sent stays in the page and is tried again.
  document.querySelectorAll("form[data-autosave]").forEach(function (form) {
    var status = document.querySelector("[data-saved]");
    var dirty = new Set(), timer = 0, busy = false, since = 0;
    var held = new Set(); // somebody else wrote there meanwhile: from then on only the button saves it, which shows both texts

    function show(kind, text) {
      if (!status) return;
      status.className = "saved" + (kind ? " is-" + kind : "");
      status.textContent = text;
    }
    function later(ms) {
      clearTimeout(timer);
      timer = setTimeout(send, ms);
    }
    function payload(names) {
      var all = new FormData(form), out = new FormData(); // its parts travel as they are: percent signs would make a Chinese text three times as long
      all.forEach(function (value, key) {
        var field = key.replace(/^v_/, "");
        names.forEach(function (n) {
          if (field === n || field.indexOf(n + "_") === 0) out.append(key, value);
        });
      });
      return out;
    }
    function send() {
      if (busy || dirty.size === 0) return;
      busy = true;
      var names = Array.from(dirty);
      dirty.clear();
      show("busy", status ? status.dataset.busy : "");
      fetch(form.action, { method: "POST", body: payload(names), headers: said({}), credentials: "same-origin" })
        .then(function (res) { return res.json().then(function (body) { return { ok: res.ok, status: res.status, body: body }; }); })
        .then(function (res) {
          busy = false;
          if (!res.ok) {
            if (res.status >= 500 || res.status === 429) throw new Error("unavailable");
            show("off", res.body.error || "");
            if (!res.body.field) names.forEach(function (n) { dirty.add(n); }); // nothing in it is at fault: it waits here
            if (res.body.later) later(10000);
            // One field at fault refuses its whole lot: the others go again without it.
            if (res.body.field && names.length > 1) {
              names.forEach(function (n) { if (res.body.field !== n && res.body.field.indexOf(n + "_") !== 0) dirty.add(n); });
              later(500);
            }
            return;
          }
          (res.body.kept || []).forEach(hold);
          Object.keys(res.body.versions || {}).forEach(function (name) {
            var v = form.elements["v_" + name];
            if (v && !held.has(name)) v.value = res.body.versions[name];
          });
          (res.body.others || []).forEach(join);
          if (held.size) show("off", status ? status.dataset.joined : "");
          else { since = 0; show("", status ? status.dataset.done + " " + res.body.at : ""); }
          check();
          if (dirty.size) later(500);
        })
        .catch(function () {
          busy = false;
          names.forEach(function (n) { dirty.add(n); });
          since = since || Date.now();
          show("off", status ? status.dataset.off : "");
          later(10000);
        });
    }
    // below writes a line of text under a field, in place of the one before.
    function below(name, kind, role, text) {
      var control = document.getElementById(name), field = control && control.closest(".field");
      if (!field) return;
      field.querySelectorAll("[data-told]").forEach(function (e) { e.remove(); });
      var p = document.createElement("p");
      p.className = kind;
      p.setAttribute("role", role);
      p.setAttribute("data-told", "");
      p.textContent = text;
      field.append(p);
    }
    function hold(k) {
      held.add(k.field);
      below(k.field, "note is-warn", "alert", (status ? status.dataset.joined + " " : "") + k.there);
    }
    // join takes over what somebody else wrote in a field that nobody changes here.
    function join(o) {
      var v = form.elements["v_" + o.field], control = document.getElementById(o.field);
      if (!v || Number(v.value) >= o.version || dirty.has(o.field) || held.has(o.field)) return;
      if (!control || typeof control.value !== "string" || control === document.activeElement) return;
      control.value = o.text;
      v.value = o.version;
      below(o.field, "hint", "status", o.say);
    }
    // check draws eligibility and what is missing again, as the server sees them now.
    function check() {
      if (!form.dataset.check) return;
      redraw(form.dataset.check).catch(function () {}); // an aid only: the next saving draws it
    }
    window.addEventListener("online", function () { if (dirty.size) later(0); });
    function fieldOf(input) {
      var hidden = Array.from(form.querySelectorAll('input[type="hidden"][name^="v_"]'));
      var found = hidden.map(function (h) { return h.name.slice(2); }).filter(function (n) { return input.name === n || input.name.indexOf(n + "_") === 0; });
      return found.sort(function (a, b) { return b.length - a.length; })[0];
    }
    form.addEventListener("input", function (e) {
      var name = e.target.name && fieldOf(e.target);
      if (!name || held.has(name)) return;
      dirty.add(name);
      later(2000);
    });
    var handed = false; // the button sends all of it, also what is on its way
    window.addEventListener("beforeunload", function (e) {
      if (!handed && (dirty.size || held.size || busy)) e.preventDefault();
    });
    form.addEventListener("submit", function () { handed = true; dirty.clear(); held.clear(); clearTimeout(timer); });
  });

  // Live parts: a request that waits is answered with the part as this person may see
  // it, once it differs from what stands here. A part with data-redraw stands for the
  // page: where it changes, all that can be refreshed is drawn again, and it says when.
  document.querySelectorAll("[data-follow]").forEach(function (region) {
    var pause = 1000, latest = "";

    // inUse: somebody stands in a control of it, or has changed one.
    function inUse(part) {
      return Array.from(part.querySelectorAll("input, textarea, select")).some(function (c) {
        if (c === document.activeElement) return true;
        if (c.type === "checkbox" || c.type === "radio") return c.checked !== c.defaultChecked;
        if (c.tagName !== "SELECT") return c.value !== c.defaultValue;
        var first = Array.from(c.options).find(function (o) { return o.defaultSelected; }) || c.options[0];
        return first && c.value !== first.value;
      });
    }
    // take puts the parts of the answer in the place of those here, by name.
    function take(text) {
      latest = text;
      var fresh = Array.from(new DOMParser().parseFromString(text, "text/html").body.children);
      var names = fresh.map(function (part) { return part.dataset.part; });
      Array.from(region.children).forEach(function (part) { if (names.indexOf(part.dataset.part) < 0) part.remove(); });
      fresh.reduce(function (before, part) {
        var old = Array.from(region.children).find(function (p) { return p.dataset.part === part.dataset.part; });
        if (!old) { region.insertBefore(part, before ? before.nextSibling : region.firstChild); return part; }
        if (old.innerHTML !== part.innerHTML && !inUse(old)) old.replaceChildren.apply(old, Array.from(part.childNodes));
        return old;
      }, null);
    }
    function told() {
      var mark = region.querySelector("[data-redraw]");
      if (!mark) return;
      return redraw(location.href).then(function () {
        mark.textContent = mark.dataset.redraw.replace("{0}", new Date().toLocaleTimeString(document.documentElement.lang));
      });
    }
    function ask() {
      if (document.hidden) { document.addEventListener("visibilitychange", ask, { once: true }); return; }
      var asked = Date.now();
      fetch(region.dataset.follow, { credentials: "same-origin", cache: "no-store", headers: { "If-None-Match": region.dataset.tag, Prefer: "wait=10" } })
        .then(function (res) {
          if (res.redirected || res.status >= 400 && res.status < 500 && res.status !== 429) { window.location.reload(); return; }
          if (res.status === 304) { setTimeout(ask, Date.now() - asked < 1000 ? 2000 : 50); return; } // where nothing waits for us, we wait
          if (!res.ok) throw new Error("unavailable");
          return res.text().then(function (text) {
            region.dataset.tag = res.headers.get("ETag");
            take(text);
            return told();
          }).then(function () {
            pause = 1000;
            setTimeout(ask, 50);
          });
        })
        .catch(function () { setTimeout(ask, pause); pause = Math.min(2 * pause, 30000); });
    }
    region.addEventListener("focusout", function () { if (latest) setTimeout(function () { take(latest); }, 0); });
    ask();
  });

  // Choosing by typing: a list box under the field, by the WAI-ARIA combobox pattern.
  document.querySelectorAll("[data-pick]").forEach(function (box, i) {
    var text = box.querySelector("[data-pick-text]"), key = box.querySelector("[data-pick-key]"), drawn = box.querySelector("[data-pick-drawn]");
    if (!text || !key) return;
    var list = document.createElement("ul");
    list.className = "picks";
    list.id = "pick-" + i;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", text.labels && text.labels[0] ? text.labels[0].textContent.trim() : text.name);
    list.hidden = true;
    text.after(list);
    text.setAttribute("role", "combobox");
    text.setAttribute("aria-expanded", "false");
    text.setAttribute("aria-controls", list.id);
    text.setAttribute("aria-autocomplete", "list");
    var at = -1, timer = 0, asked = 0, shown = "";

    function close() { list.hidden = true; at = -1; text.setAttribute("aria-expanded", "false"); text.removeAttribute("aria-activedescendant"); }
    function leave() { clearTimeout(timer); asked++; close(); } // an answer that comes later must not open the list over what is pressed next
    function choose(o) {
      text.value = o.dataset.name;
      key.value = o.dataset.id;
      if (drawn) drawn.value = text.value;
      leave();
    }
    function mark(n) {
      var all = list.children;
      if (!all.length) return;
      at = (n + all.length) % all.length;
      Array.from(all).forEach(function (o, j) { o.setAttribute("aria-selected", String(j === at)); });
      text.setAttribute("aria-activedescendant", all[at].id);
    }
    function look() {
      var typed = text.value, mine = ++asked;
      if (typed.trim().length < 2) return close();
      if (!list.hidden && shown === typed) return; // the list stands already, perhaps with one marked
      fetch(box.dataset.pick + "?q=" + encodeURIComponent(text.value), { credentials: "same-origin" })
        .then(function (r) { return r.ok ? r.json() : []; })
        .then(function (found) {
          if (mine !== asked) return; // something else was typed or chosen meanwhile
          shown = typed;
          list.textContent = "";
          found.forEach(function (f, j) {
            var o = document.createElement("li");
            o.id = list.id + "-" + j;
            o.setAttribute("role", "option");
            o.dataset.id = f.id;
            o.dataset.name = f.name;
            o.textContent = f.name;
            if (f.note) { var p = document.createElement("p"); p.textContent = f.note; o.append(p); }
            o.addEventListener("mousedown", function (e) { e.preventDefault(); choose(o); });
            list.append(o);
          });
          list.hidden = found.length === 0;
          text.setAttribute("aria-expanded", String(!list.hidden));
          at = -1;
        })
        .catch(close);
    }
    text.addEventListener("input", function () { key.value = ""; clearTimeout(timer); timer = setTimeout(look, 180); });
    text.addEventListener("blur", leave);
    text.addEventListener("keydown", function (e) {
      if (list.hidden) return;
      if (e.key === "ArrowDown") { e.preventDefault(); mark(at + 1); }
      else if (e.key === "ArrowUp") { e.preventDefault(); mark(at - 1); }
      else if (e.key === "Enter" && at >= 0) { e.preventDefault(); choose(list.children[at]); }
      else if (e.key === "Escape") leave();
    });
  });

  // Passkeys: the browser's authenticator is asked what the server says, and its answer is
  // sent in the form. A form without an answer is refused by the server, which says why.
  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    form.addEventListener("submit", function (e) {
      var at = form.dataset.prefix, said = form.querySelector("[data-passkey-said]");
      if (!window.PublicKeyCredential || !PublicKeyCredential.parseCreationOptionsFromJSON) return;
      e.preventDefault();
      said.hidden = true;
      fetch(form.dataset.begin, { method: "POST", credentials: "same-origin" })
        .then(function (res) {
          if (!(res.headers.get("Content-Type") || "").startsWith("application/json")) { window.location.reload(); throw new Error(); } // to confirm who it is first
          return res.json();
        })
        .then(function (asked) {
          if (asked.error) throw new Error(asked.error);
          form.elements[at + "state"].value = asked.state;
          return form.dataset.passkey === "create"
            ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked.options) })
            : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked.options) });
        })
        .then(function (answer) {
          form.elements[at + "response"].value = JSON.stringify(answer.toJSON());
          form.submit();
        })
        .catch(function (err) {
          said.textContent = err instanceof DOMException || !err.message ? form.dataset.failed : err.message;
          said.hidden = false;
        });
    });
  });

  // A drawing that is wider than its frame begins at the node that it is about.
  document.querySelectorAll(".frame .focused").forEach(function (node) {
    var frame = node.closest(".frame"), at = node.getBoundingClientRect(), seen = frame.getBoundingClientRect();
    frame.scrollLeft += (at.left + at.right - seen.left - seen.right) / 2;
  });

  // Upload progress: the file is sent by itself, with a bar. Where it is refused or does not
  // arrive, that is said at the field, and the page stays with what is written elsewhere on it.
  document.querySelectorAll("form[data-upload]").forEach(function (form) {
    form.addEventListener("submit", function (e) {
      var input = form.querySelector('input[type="file"]'), file = input && input.files[0];
      if (!file) return;
      e.preventDefault();
      if (form.querySelector("progress")) return; // it is on its way
      form.querySelectorAll("[data-told]").forEach(function (p) { p.remove(); });
      var bar = document.createElement("progress");
      bar.className = "bar";
      bar.max = 100;
      bar.setAttribute("aria-label", file.name);
      form.append(bar);
      function failed(x) {
        var why = form.dataset.failed;
        try { why = JSON.parse(x.responseText).error || why; } catch (_) {} // no answer, or not the server's own
        bar.remove();
        var p = document.createElement("p");
        p.className = "error";
        p.setAttribute("role", "alert");
        p.setAttribute("data-told", "");
        p.textContent = why;
        input.closest(".field").append(p);
      }
      function send(alone) {
        var x = new XMLHttpRequest(), head = said(alone ? {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment; filename*=UTF-8''" + inHead(file.name)} : {});
        x.open("POST", form.action);
        Object.keys(head).forEach(function (name) { x.setRequestHeader(name, head[name]); });
        x.upload.addEventListener("progress", function (p) { if (p.lengthComputable) bar.value = 100 * p.loaded / p.total; });
        x.addEventListener("load", function () {
          if (x.status < 400) window.location.assign(x.responseURL);
          else if (alone && x.status === 422) send(false); // a program from before an upgrade knows forms only; what is refused for itself is refused again
          else failed(x);
        });
        x.addEventListener("error", function () { failed(x); });
        x.send(alone ? file : new FormData(form));
      }
      send(true);
    });
  });
})();
