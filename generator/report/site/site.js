
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const text = number => data.texts[number];
  const texts = numbers => numbers.map(text);
  const overview = document.getElementById("overview");
  const detail = document.getElementById("detail");
  const form = document.getElementById("filters");
  const count = document.getElementById("count");
  const rows = [...document.querySelectorAll("#services > tbody > tr")];
  const FIRST = 200;

  // Elements get text only, never markup.
  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter(one => one !== undefined && one !== ""));
    return made;
  }
  const link = (hash, shown) => make("a", {href: `#${hash}`}, shown);
  const outside = (url, shown) =>
    /^https?:\/\//.test(url) ? make("a", {href: url, rel: "noreferrer"}, shown ?? url) : make("code", {}, shown ?? url);
  // A line may end after these characters.
  const breakable = (words, after = /(?<=[.-])/) =>
    make("span", {}, ...words.split(after).flatMap((one, at) => at ? [make("wbr", {}), one] : [one]));
  const list = items => make("ul", {}, ...items.map(one => make("li", {}, one)));
  const section = (title, ...children) => [make("h2", {}, title), ...children];

  function facts(pairs) {
    const shown = pairs.filter(([, value]) => value !== "" && value !== undefined);
    return make("dl", {}, ...shown.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  }

  function table(title, heads, lines) {
    const head = make("tr", {}, ...heads.map(one => make("th", {scope: "col"}, one)));
    const body = lines.map(([first, ...cells]) =>
      make("tr", {}, make("th", {scope: "row"}, first), ...cells.map(one => make("td", {}, one))));
    const made = make("table", {"aria-label": title, class: title.toLowerCase()}, make("thead", {}, head), make("tbody", {}, ...body));
    return make("div", {class: "wide", role: "region", "aria-label": title, tabindex: "0"}, made);
  }

  function state(words) {
    const kind = words === "rollout stopped" ? "rollout-stopped" : words.split(/[ ,]/)[0];
    return make("span", {class: `state ${kind}`}, words);
  }

  const services = data.services.map(([about, owners, served, spec, deployed, settings, history]) => {
    const [project, app, name, model, version, type, description, api, file] = texts(about);
    const key = `${project}/${app}/${name}`;
    return {project, app, name, model, version, type, description, api, file, key, owners, served, spec, deployed,
            settings, history};
  });
  const byKey = new Map(services.map(one => [one.key, one]));
  const models = new Map(data.models.map(one => [texts(one[0]).slice(0, 2).join("/"), one]));
  const places = data.environments.map(texts).map(([name, cluster, stage]) => ({name, cluster, stage}));
  const clusterOf = new Map(places.map(one => [one.name, one.cluster]));

  const serviceLink = key => link(`service/${key}`, byKey.has(key) ? byKey.get(key).name : key);
  const modelLink = (project, model) =>
    models.has(`${project}/${model}`) ? link(`model/${project}/${model}`, model) : model;

  function filled(address, names) {
    return address.replace(/\{([a-z]+)\}/g, (_, name) => encodeURIComponent(names[name]));
  }

  function example(one, shown, calls, model) {
    const [title, needs, pattern] = shown;
    const call = needs === "grpc" ? calls.grpc : calls.http;
    if (!call) return undefined;
    const given = {
      base: call, where: call, path: encodeURIComponent(model).replaceAll("'", "%27"),
      word: JSON.stringify(model).replaceAll("'", "\\u0027"),
    };
    const words = pattern.replace(/\{(base|where|path|word)\}/g, (_, name) => given[name]);
    const copy = make("button", {type: "button", "aria-label": `Copy the example for ${title}`}, "Copy");
    const pre = make("pre", {}, words);
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(words);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
        copy.textContent = "Selected";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 2000);
    });
    return make("div", {class: "example"}, make("h4", {}, title), pre, copy);
  }

  function deployment(one, [numbers, addresses]) {
    const [environment, namespace, words, reason, host, card, replicas, released, application, dashboard, http,
           grpc] = texts(numbers);
    const cluster = clusterOf.get(environment);
    const names = {
      service: one.name, namespace, environment, cluster, project: one.project, app: one.app, model: one.model,
      version: one.version, type: one.type, host: host.split("/")[0], application, dashboard,
    };
    const pages = data.links[environment] ?? [];
    const ways = addresses.map(texts);
    const examples = (data.examples[one.api] ?? data.examples[""])
      .map(shown => example(one, shown, {http, grpc}, text(one.served[0]))).filter(Boolean);
    const id = `in-${environment}`;
    return make("section", {class: "environment", "aria-labelledby": id},
      make("h3", {id}, `${environment} `, state(words)),
      facts([
        ["Why", reason],
        ["Pages", pages.length ? list(pages.map(([title, url]) => outside(filled(url, names), title))) : ""],
        ["Addresses", ways.length ? list(ways.map(([way, where]) => make("span", {},
          way === "gateway" ? outside(where) : make("code", {}, where),
          make("span", {class: "soft"}, ` ${way}`)))) : ""],
        ["Host", make("code", {}, breakable(host))],
        ["Namespace", make("code", {}, `${namespace}`)],
        ["Cluster", cluster],
        ["Delivered as", make("code", {}, application)],
        ["Card", card],
        ["Replicas", replicas],
        ["Released", released],
      ]),
      ...(examples.length ? [make("details", {}, make("summary", {}, `Examples for clients in ${environment}`),
        ...examples)] : []));
  }

  function servicePage(key) {
    const one = byKey.get(key);
    if (!one) return missing(`There is no service ${key}.`);
    const others = services.filter(other =>
      other !== one && other.project === one.project && other.model === one.model);
    const settings = one.settings.map(number => data.settings[number]).map(([name, value, layer, file, where]) => [
      make("code", {}, breakable(text(name), /(?<=[._])/)), make("code", {class: "value"}, text(value)), text(layer),
      make("code", {}, breakable(text(file) || one.file, /(?<=[/])/)),
      where.length === one.deployed.length ? "all" : texts(where).join(", "),
    ]);
    const history = one.history.map(texts).map(([time, author, what, commit]) =>
      [time, author, what, make("code", {}, commit.slice(0, 9))]);
    const served = texts(one.served);
    const known = models.get(`${one.project}/${one.model}`);
    const metrics = known ? versionFacts(known, one.version).get("metrics") ?? "" : "";
    return page(one.name,
      one.description ? make("p", {}, one.description) : "",
      facts([
        ["Project", one.project],
        ["App", one.app],
        ["Model", make("span", {}, modelLink(one.project, one.model), ` ${one.version}`)],
        ["Metrics", metrics],
        ["Model names", served.length > 1 || served[0] !== one.model ? served.join(", ") : ""],
        ["Server", one.type],
        ["Code owners", texts(one.owners).join(" ")],
        ["Other services of the model", others.length
          ? list(others.map(other => make("span", {}, serviceLink(other.key), ` ${other.version}`))) : ""],
      ]),
      ...section("Environments", ...(one.deployed.length
        ? one.deployed.map(entry => deployment(one, entry)) : [make("p", {}, "It is not deployed.")])),
      ...(history.length ? section("History", table("History", ["Time", "Author", "What", "Commit"], history)) : []),
      ...(settings.length ? section("Settings",
        make("p", {class: "soft"}, "Which file gives which setting. Values are as the files write them."),
        table("Settings", ["Setting", "Value", "Layer", "File", "Environments"], settings)) : []),
      ...section("Spec", make("p", {}, make("code", {}, one.file)), make("pre", {}, text(one.spec))));
  }

  const versionFacts = ([, versions], version) => {
    const found = versions.find(([name]) => text(name) === version);
    return new Map(found ? found[1].map(texts) : []);
  };

  function modelPage(key) {
    const found = models.get(key);
    if (!found) return missing(`There is no model ${key}.`);
    const [project, name, description] = texts(found[0]);
    const shown = found[1].map(([version, given, used]) => {
      const values = texts(used);
      return make("section", {class: "environment", "aria-label": `Version ${text(version)}`},
        make("h3", {}, text(version)),
        facts([
          ...given.map(texts).map(([fact, value]) => [fact[0].toUpperCase() + fact.slice(1), value]),
          ["Services", values.length ? list(values.map(serviceLink)) : "none"],
        ]));
    });
    return page(name, description ? make("p", {}, description) : "", facts([["Project", project]]),
      ...section("Versions", ...shown));
  }

  function modelsPage() {
    const lines = data.models.map(([about, versions]) => {
      const [project, name, description] = texts(about);
      const used = new Set(versions.flatMap(([, , users]) => users));
      return [modelLink(project, name), project, `${versions.length}`, `${used.size}`, description];
    });
    return page("Models", table("Models", ["Model", "Project", "Versions", "Services", "Description"], lines));
  }

  function hostRow([about, gateways, named]) {
    const [environment, host] = texts(about);
    const shown = named.map(texts).map(([key, words]) => {
      const one = byKey.get(key);
      return make("span", {}, state(words), " ", serviceLink(key), " ",
        make("span", {class: "soft"}, one ? `${one.model} ${one.version}` : ""));
    });
    return make("li", {},
      make("div", {}, make("strong", {}, breakable(host)), " ", make("span", {class: "soft"}, environment)),
      make("div", {}, list(texts(gateways))),
      make("div", {}, list(shown)));
  }

  function hostsPage() {
    const map = make("ul", {class: "map"}, ...data.hosts.slice(0, FIRST).map(hostRow));
    const rest = data.hosts.slice(FIRST);
    const more = make("button", {type: "button"}, `Show ${rest.length} more`);
    const show = () => { map.append(...rest.splice(0).map(hostRow)); more.remove(); };
    more.addEventListener("click", show);
    addEventListener("beforeprint", show, {once: true});
    return page("Hosts",
      make("p", {class: "soft"}, "Each host with its gateways, and the services that name it with what each gets."),
      map, ...(rest.length ? [more] : []));
  }

  function nodesPage() {
    const lines = data.pools.map(texts).map(([cluster, pool, nodes, each]) => [pool, cluster, nodes, each]);
    return page("Nodes", table("Nodes", ["Pool", "Cluster", "Nodes", "Each"], lines));
  }

  function page(title, ...children) {
    return {title, content: [make("h1", {tabindex: "-1"}, title), ...children.filter(one => one !== "")]};
  }
  const missing = words => page("Not found", make("p", {}, words), make("p", {}, link("services", "All services")));

  const PAGES = {hosts: hostsPage, models: modelsPage, nodes: nodesPage};
  function drawn(where) {
    const [kind, ...parts] = where.split("/");
    if (kind === "service") return servicePage(parts.join("/"));
    if (kind === "model") return modelPage(parts.join("/"));
    return Object.hasOwn(PAGES, kind) ? PAGES[kind]() : undefined;
  }

  function decoded(part) {
    try { return decodeURIComponent(part); } catch { return part; }
  }

  let shownBefore = false;
  function route() {
    const [where, query = ""] = location.hash.slice(1).split("?");
    if (where === "main") return;
    const found = drawn(decoded(where));
    overview.hidden = Boolean(found);
    detail.hidden = !found;
    detail.replaceChildren(...(found ? found.content : []));
    document.title = `${found ? found.title : "Services"} – Fleet`;
    for (const one of document.querySelectorAll("nav a")) {
      const current = one.hash === `#${where || "services"}`;
      if (current) one.setAttribute("aria-current", "page"); else one.removeAttribute("aria-current");
    }
    if (!found) filter(new URLSearchParams(query));
    if (shownBefore && found) { detail.querySelector("h1").focus({preventScroll: true}); scrollTo(0, 0); }
    shownBefore = true;
  }

  // A column sorts the rows: `sort=host` in the address, `sort=-host` in reverse; a third press is the order of the file.
  const columns = [...document.querySelectorAll("#services > thead th")];
  const names = columns.map(one => one.textContent.toLowerCase());
  const sorted = {column: -1, reverse: false, moved: false, compare: undefined};
  const collator = new Intl.Collator(undefined, {numeric: true});
  columns.forEach((one, at) => {
    const button = make("button", {type: "button", class: "sort"}, one.textContent);
    button.addEventListener("click", () => {
      const next = at !== sorted.column ? names[at] : sorted.reverse ? "" : `-${names[at]}`;
      mark(next);
      changed();
    });
    one.replaceChildren(button);
  });
  function mark(words) {
    sorted.reverse = words.startsWith("-");
    sorted.column = names.indexOf(words.slice(sorted.reverse ? 1 : 0));
    sorted.moved ||= sorted.column >= 0;
    const keys = new Map(sorted.column < 0 ? [] : rows.map(one => [one, one.cells[sorted.column].textContent]));
    const sign = sorted.reverse ? -1 : 1;
    sorted.compare = (one, other) => sign * collator.compare(keys.get(one), keys.get(other));
    columns.forEach((one, at) => {
      if (at !== sorted.column) one.removeAttribute("aria-sort");
      else one.setAttribute("aria-sort", sorted.reverse ? "descending" : "ascending");
    });
  }

  // What no filter hides; more rows than FIRST are drawn on request, since drawing is what takes long.
  const every = document.getElementById("all");
  const servicesTable = document.getElementById("services");
  const kept = rows.map(one => `${one.textContent} ${one.dataset.owner}`.toLowerCase());
  let found = rows;
  function matches(one, key, value) {
    return key === "owner" ? one.dataset.owner.split(" ").includes(value) : one.dataset[key] === value;
  }
  function filter(wanted) {
    for (const field of form.elements) if (field.name) field.value = wanted.get(field.name) ?? "";
    mark(wanted.get("sort") ?? "");
    const words = (wanted.get("text") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = [...wanted].filter(([key, value]) => key !== "text" && value && form.elements.namedItem(key));
    found = rows.filter((one, at) => words.every(word => kept[at].includes(word)) &&
      chosen.every(([key, value]) => matches(one, key, value)));
    if (sorted.column >= 0) found.sort(sorted.compare);
    draw(FIRST);
  }
  function draw(most) {
    const drawn = found.slice(0, most), shown = new Set(drawn);
    for (const one of rows) one.hidden = !shown.has(one);
    if (sorted.moved) servicesTable.tBodies[0].append(...drawn);
    const number = found.length === rows.length ? `${found.length} rows` : `${found.length} of ${rows.length} rows`;
    count.textContent = found.length > most ? `${number}, the first ${most} are shown.` : `${number}.`;
    every.hidden = found.length <= most;
    servicesTable.classList.add("filtered");
  }
  every.addEventListener("click", () => draw(Infinity));
  addEventListener("beforeprint", () => draw(Infinity));

  function wanted() {
    const given = new URLSearchParams();
    for (const field of form.elements) if (field.name && field.value) given.set(field.name, field.value);
    if (sorted.column >= 0) given.set("sort", `${sorted.reverse ? "-" : ""}${names[sorted.column]}`);
    return given;
  }
  let soon;
  function changed() {
    clearTimeout(soon);
    const given = wanted().toString();
    location.replace(given ? `#services?${given}` : "#services");
  }
  form.addEventListener("input", event => {
    clearTimeout(soon);
    if (event.target.name === "text") soon = setTimeout(changed, 150); else changed();
  });
  form.addEventListener("submit", event => { event.preventDefault(); changed(); });
  form.addEventListener("reset", () => setTimeout(changed));
  addEventListener("hashchange", route);
  document.documentElement.classList.add("ready");
  route();
})();
