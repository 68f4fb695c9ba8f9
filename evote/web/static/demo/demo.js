/* A voter's page around evote-client: choose, review, encrypt, decide, keep the receipt, check later. Nothing inline,
 * nothing from elsewhere; all cryptography runs in the worker. One act at a time, so a second click does nothing.
 */

import { base64, startWorker, unbase64 } from "../evote-client.js";
import { drawn } from "./qr.js";
import { WORDS } from "./words.js";

const letter = new URLSearchParams(location.hash.slice(1));
const device = startWorker({ address: "", tries: 4 });
const place = (id) => document.getElementById(id);
const page = {
  language: (navigator.language ?? "en").startsWith("fr") ? "fr" : "en", view: "vote", step: "start", busy: false, election: null,
  prepared: null, ready: false, codes: [], unit: letter.get("unit"), style: letter.get("style"), marks: {}, texts: {}, ballot: null,
  receipt: null, opening: null, kept: [], result: null, fingerprint: letter.get("election") ?? "", said: null,
};
const word = (name, ...args) => {
  const found = WORDS[page.language][name];
  return typeof found === "function" ? found(...args) : found ?? name;
};
const nameOf = (thing) => thing.names?.[page.language] ?? Object.values(thing.names ?? {})[0] ?? thing.label ?? thing.path;
const grouped = (code) => code.match(/.{1,4}/g).join(" ");
const timeOf = (seconds) => new Date(1000 * seconds).toLocaleString(page.language);

// --- building ----------------------------------------------------------------------------------------------

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
const paragraph = (text, kind = null) => node("p", { class: kind }, text);
const heading = (text) => node("h1", { tabindex: "-1" }, text);
const button = (id, label, act, main = false) => node("button", { type: "button", id, class: main ? "main" : null, onclick: act }, label);
const actions = (...buttons) => node("div", { class: "actions" }, ...buttons);
function field(id, label, value, hint = null, more = {}) {
  const own = { id, type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", "aria-describedby": hint && `${id}-hint`, ...more };
  const input = node(more.rows ? "textarea" : "input", more.rows ? { ...own, type: null } : own);
  input.value = value;
  return node("div", {}, node("label", { for: id }, label), hint && node("p", { class: "hint", id: `${id}-hint` }, hint), input);
}
function choice(id, label, items, chosen) {
  const select = node("select", { id }, ...items.map(([value, text]) => node("option", { value, selected: value === chosen }, text)));
  return node("div", {}, node("label", { for: id }, label), select);
}
function file(name, text, label, id) {
  const link = node("a", { class: "button", download: name, id, href: URL.createObjectURL(new Blob([text], { type: "text/plain" })) }, label);
  return link;
}
function say(text) { page.said = text; place("status").textContent = text; }
function fail(error) {
  const known = WORDS[page.language].errors, found = known[error.code] ?? known.other;
  page.failed = error;
  place("error").replaceChildren(paragraph(typeof found === "function" ? found(error) : found));
  if (!error.code || error.code === "internal") console.error(error);
}
/** One act at a time: while one runs, buttons are off and a second click is nothing. */
async function act(work) {
  if (page.busy) return;
  page.busy = true;
  page.failed = null;
  place("error").replaceChildren();
  for (const each of document.querySelectorAll("#step button")) each.disabled = true;
  try {
    await work();
  } catch (error) { fail(error); } finally {
    page.busy = false;
    for (const each of document.querySelectorAll("#step button")) each.disabled = false;
  }
}
function show(step, { push = true } = {}) {
  page.step = step;
  if (push) history.pushState({ step, view: page.view }, "");
  render();
  place("step").querySelector("h1")?.focus();
  scrollTo(0, 0);
}
function render() {
  document.documentElement.lang = page.language;
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  for (const each of document.querySelectorAll("[data-language]")) each.setAttribute("aria-pressed", String(each.dataset.language === page.language));
  for (const each of document.querySelectorAll("[data-view]")) {
    if (each.dataset.view === page.view) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  const title = page.election ? nameOf(page.election) : "evote";
  place("title").textContent = title;
  place("test").hidden = !page.election?.test;
  const typed = page.shown === `${page.view} ${page.step}` ? [...document.querySelectorAll("#step input[type=text], #step textarea, #step select")] : [];
  const focused = document.activeElement?.id;
  page.shown = `${page.view} ${page.step}`;
  place("step").replaceChildren(...(page.view === "vote" ? STEPS[page.step] : VIEWS[page.view])().flat());
  for (const { id, value } of typed) if (place(id)) place(id).value = value; // what was typed stays, in another language too
  if (typed.length && focused) place(focused)?.focus();
  document.title = `${place("step").querySelector("h1").textContent} – ${title}`;
  if (page.failed) fail(page.failed);
  for (const each of document.querySelectorAll("#step button")) each.disabled = page.busy;
}

// --- what is kept on this device: sealed ballots, by election and ballot --------------------------------------

const shelf = () => `evote/${page.election.fingerprint}/`;
const keep = (bytes) => localStorage.setItem(shelf() + page.ballot.id, base64(bytes));
const forget = (id) => localStorage.removeItem(shelf() + id);
const seenHeads = () => JSON.parse(localStorage.getItem(`evote-heads/${page.election.fingerprint}`) ?? "{}");
async function keptBallots() {
  const found = [];
  for (const name of Object.keys(localStorage).filter((each) => each.startsWith(shelf()))) {
    try {
      const sealed = unbase64(localStorage.getItem(name));
      found.push({ ...(await device.unseal(sealed)), sealed });
    } catch (error) {
      if (error.code !== "other-code" && error.code !== "malformed") throw error; // another voter's; it stays
    }
  }
  return found;
}

// --- steps of voting ---------------------------------------------------------------------------------------

async function loaded() {
  const typed = place("fingerprint")?.value ?? page.fingerprint;
  if (page.election && typed.replace(/\s/g, "").toLowerCase() === page.election.fingerprint) return;
  page.fingerprint = typed;
  say(word("loading"));
  page.election = await device.load({ fingerprint: page.fingerprint });
  page.prepared = device.tables().then(() => { page.ready = true; if (page.step !== "code") say(word("ready")); });
  say(word("preparing"));
}
const typedCodes = () => [...document.querySelectorAll("#step [id^=code-]")].filter((each) => each.matches("input")).map((each) => each.value);
async function enter() {
  await act(async () => {
    page.codes = typedCodes();
    page.unit = place("unit")?.value ?? page.unit;
    await loaded();
    if (page.codes.length !== page.election.parts) return render(); // now the page knows how many codes there are
    const units = page.election.units.filter((each) => !each.open);
    const unit = units.find((each) => each.path === page.unit) ?? units[0];
    page.unit = unit.path;
    page.style = place("style")?.value ?? (unit.styles.includes(page.style) ? page.style : unit.styles[0]);
    await device.identify(page.codes);
    page.kept = await keptBallots();
    show(page.kept.length ? "kept" : "choose");
  });
}
const contests = () => {
  const style = page.election.styles.find((each) => each.label === page.style);
  return style.contests.map((index) => page.election.contests[index - 1]);
};
const options = (contest) => contest.options.filter((each) => each.kind === "option");
const marksOf = (contest) => page.marks[contest.label] ?? {};
const totalOf = (contest) => Object.values(marksOf(contest)).reduce((sum, mark) => sum + mark, 0);
const plain = () => Object.fromEntries(contests().map((contest) => [contest.label,
  { marks: marksOf(contest), writeIns: [page.texts[contest.label] ?? ""].filter(Boolean) }]));
function fieldset(contest) {
  const many = contest.limit > 1, label = nameOf(contest);
  const mark = (option, value) => {
    page.marks[contest.label] = many ? { ...marksOf(contest), [option.label]: value } : { [option.label]: value };
  };
  const row = (option) => {
    const now = marksOf(contest)[option.label] ?? 0, name = `contest-${contest.index}`;
    if (option.limit > 1) {
      const input = node("input", { type: "number", min: 0, max: option.limit, value: now, oninput: (event) => mark(option, Number(event.target.value)) });
      return node("label", { class: "option" }, input, nameOf(option));
    }
    const input = node("input", { type: many ? "checkbox" : "radio", name, checked: now > 0, onchange: (event) => mark(option, event.target.checked ? 1 : 0) });
    return node("label", { class: "option" }, input, nameOf(option));
  };
  const nothing = node("label", { class: "option" }, node("input", {
    type: "radio", name: `contest-${contest.index}`, checked: !totalOf(contest), onchange: () => { page.marks[contest.label] = {}; },
  }), word("nothing"));
  const text = contest.data?.write_ins ? field(`text-${contest.index}`, word("write-in"), page.texts[contest.label] ?? "", null,
    { oninput: (event) => { page.texts[contest.label] = event.target.value; }, maxlength: contest.data.write_in_bytes }) : null;
  return node("fieldset", {}, node("legend", {}, label), paragraph(many ? word("choose-many", contest.limit) : word("choose-one"), "hint"),
    ...options(contest).map(row), many || options(contest).some((each) => each.limit > 1) ? null : nothing, text);
}
function summary(values) {
  return values.flatMap(([contest, lines]) => [node("h2", {}, nameOf(contest)),
    node("ul", {}, ...(lines.length ? lines : [word("none")]).map((line) => node("li", {}, line)))]);
}
const marked = (contest, marks) => options(contest).filter((each) => marks[each.label])
  .map((each) => (marks[each.label] > 1 ? `${nameOf(each)}: ${marks[each.label]}` : nameOf(each)));
const chosen = () => summary(contests().map((contest) => [contest, [...marked(contest, marksOf(contest)), ...[page.texts[contest.label] ?? ""].filter(Boolean)]]));

async function encrypt() {
  await act(async () => {
    const bar = node("progress", { max: 100, value: 0, "aria-label": word("encrypt") });
    place("step").querySelector(".actions").replaceWith(bar);
    await page.prepared;
    const choices = { unit: page.unit, style: page.style, contests: plain() };
    let told = -1;
    page.ballot = await device.encrypt(choices, (part) => {
      const percent = Math.round(100 * part);
      bar.value = percent;
      if (Math.floor(percent / 25) > told) { told = Math.floor(percent / 25); say(word("encrypting", percent)); }
    });
    keep(await device.seal());
    say("");
    history.replaceState({ step: "choose", view: "vote" }, "");
    show("code");
  });
  if (page.step === "review") render();
}
async function decided(decision, replace = false) {
  await act(async () => {
    keep(await device.decide(decision)); // the decision is kept before anything leaves
    page.ballot.decision = decision;
    say(word("sending"));
    try {
      page.receipt = await device.send({ replace });
    } catch (error) {
      say(word("saved-here"));
      if (error.code !== "stale") { render(); throw error; }
      return show("stale");
    }
    say("");
    if (decision === "challenged") {
      const letters = await device.opening();
      page.opening = { letters, ...(await device.inspect(letters, page.ballot.code, page.codes)) };
      show("opened");
    } else show("receipt");
  });
}
async function resume(ballot) {
  await act(async () => {
    page.ballot = await device.unseal(ballot.sealed);
    Object.assign(page, { unit: ballot.unit, style: ballot.style, receipt: null });
    show("code");
  });
  if (page.ballot?.decision && page.step === "code") await decided(page.ballot.decision);
}
function anew() {
  if (page.ballot && !page.ballot.decision) forget(page.ballot.id); // undecided: nobody has it
  for (const each of page.kept) if (!each.decision) forget(each.id);
  Object.assign(page, { ballot: null, receipt: null, opening: null, kept: [] });
  show("choose");
}
const valuesOf = (opened) => summary(opened.contests.map(({ label, values }) => {
  const contest = page.election.contests.find((each) => each.label === label);
  return [contest, marked(contest, values)];
}));

const STEPS = {
  start: () => {
    const { election } = page, units = election?.units.filter((each) => !each.open) ?? [];
    const unit = units.find((each) => each.path === page.unit) ?? units[0];
    const parts = election?.parts ?? 1, names = parts === 2 ? ["code-1", "code-2"] : ["code"];
    return [heading(word("start-title")), paragraph(word("start-text")),
      letter.get("election") ? null : field("fingerprint", word("fingerprint"), page.fingerprint, word("fingerprint-hint")),
      ...names.map((name, at) => field(`code-${at}`, word(name), page.codes[at] ?? "", word("code-hint"), { inputmode: "text" })),
      units.length > 1 ? choice("unit", word("unit"), units.map((each) => [each.path, nameOf(each)]), page.unit) : null,
      unit?.styles.length > 1 ? choice("style", word("style"), unit.styles.map((each) => [each, each]), page.style) : null,
      actions(button("go", word("go"), enter, true))].filter(Boolean);
  },
  kept: () => [heading(word("kept")), ...page.kept.flatMap((each) => [
    node("p", { class: "code" }, grouped(each.code)), ...(each.decision ? [paragraph(word(`kept-${each.decision}`))] : []),
    actions(button(`resume-${each.id}`, word("kept-go"), () => resume(each), true))]),
  actions(button("anew", word("kept-new"), anew))],
  choose: () => [heading(word("choose-title")), ...contests().map(fieldset), actions(button("review", word("review"), () => act(async () => {
    const over = contests().find((contest) => totalOf(contest) > contest.limit);
    if (over) return place("error").replaceChildren(paragraph(word("too-many", nameOf(over), over.limit)));
    return show("review");
  }), true))],
  review: () => [heading(word("review-title")), ...chosen(),
    actions(button("encrypt", word("encrypt"), encrypt, true), button("back", word("back"), () => show("choose")))],
  code: () => {
    const { code, decision } = page.ballot, head = [heading(word("code-title")), paragraph(word("code-text")), node("p", { class: "code", id: "confirmation" }, grouped(code))];
    if (decision) return [...head, paragraph(word(`kept-${decision}`), "note"), actions(button("retry", word("retry"), () => decided(decision), true))];
    return [...head, paragraph(word("code-then")), actions(button("cast", word("cast"), () => decided("cast"), true),
      button("challenge", word("challenge"), () => decided("challenged")))];
  },
  stale: () => [heading(word("stale-title")), paragraph(word("stale-text")), actions(
    button("replace", word("replace"), () => decided("cast", true), true),
    button("leave", word("keep"), () => { forget(page.ballot.id); show("finish"); }))],
  receipt: () => {
    const until = /^deadline (.*)$/m.exec(page.receipt.text)[1];
    return [heading(word("receipt-title")), paragraph(word("receipt-text"), "good"), paragraph(word("receipt-until", timeOf(Date.parse(until) / 1000))),
      paragraph(`${word("code-is")}:`), node("p", { class: "code" }, grouped(page.ballot.code)), drawn(page.receipt.letters, word("qr-receipt")),
      node("pre", { id: "receipt-text", tabindex: "0" }, page.receipt.text),
      actions(file("receipt.txt", page.receipt.text, word("save"), "save"), button("print", word("print"), () => print()),
        button("check-now", word("check-now"), () => { page.view = "check"; page.result = null; show(page.step); place("receipt").value = page.receipt.text; check(); }),
        button("finish", word("finish"), () => { forget(page.ballot.id); show("finish"); }, true))];
  },
  opened: () => [heading(word("opened-title")), paragraph(word("opened-text")), ...valuesOf(page.opening), paragraph(word("opened-second"), "note"),
    drawn(page.opening.letters, word("qr-opening")), node("pre", { id: "opening-letters", tabindex: "0" }, page.opening.letters),
    actions(file("opened-ballot.txt", page.opening.letters, word("save-opening"), "save"),
      button("again", word("again"), () => { forget(page.ballot.id); anew(); }, true))],
  finish: () => [heading(word("finish-title")), paragraph(word("finish-text"))],
};

// --- checking ----------------------------------------------------------------------------------------------

async function check() {
  await act(async () => {
    const text = place("receipt").value.replace(/\r\n/g, "\n");
    await loaded();
    page.text = text;
    page.result = null;
    const found = await device.check(text.endsWith("\n") ? text : `${text}\n`, seenHeads());
    if (found.heads) localStorage.setItem(`evote-heads/${page.election.fingerprint}`, JSON.stringify({ ...seenHeads(), ...found.heads }));
    page.result = found;
    say("");
    render();
    place("verdict").focus();
  });
}
async function inspect() {
  await act(async () => {
    const [letters, noted, code] = ["letters", "noted", "own"].map((id) => place(id).value);
    await loaded();
    const own = page.election.parts === 2 ? code.split(/[,;\n]/) : [code];
    page.inspected = null;
    page.inspected = await device.inspect(letters, noted, own);
    say("");
    render();
    place("verdict").focus();
  });
}
function verdict() {
  const { result } = page, good = ["LOGGED", "NOT YET DUE"].includes(result.verdict);
  return [node("div", { id: "verdict", tabindex: "-1", role: "status", class: good ? "good" : "note", "data-verdict": result.verdict },
    node("h2", {}, result.verdict), paragraph(word(result.verdict, result.due ? timeOf(result.due) : "")),
    ...(result.final ? [paragraph(word("final"))] : []), ...(result.waiting ? [paragraph(word("waiting"))] : [])),
  result.receipt ? actions(file("receipt.txt", result.receipt, word("save-proof"), "save-proof")) : null];
}
const asked = () => (letter.get("election") ? [] : [field("fingerprint", word("fingerprint"), page.fingerprint, word("fingerprint-hint"))]);
const VIEWS = {
  check: () => {
    const read = async (event) => { place("receipt").value = await event.target.files[0].text(); };
    return [heading(word("check-title")), ...asked(), field("receipt", word("receipt-paste"), page.text ?? "", null, { rows: 10, autocapitalize: "off" }),
      node("div", {}, node("label", { for: "receipt-file" }, word("receipt-file")), node("input", { type: "file", id: "receipt-file", onchange: read })),
      actions(button("check", word("check"), check, true)), ...(page.result ? verdict() : [])].filter(Boolean);
  },
  inspect: () => [heading(word("inspect-title")), paragraph(word("inspect-text"), "note"), ...asked(),
    field("letters", word("letters"), "", null, { rows: 6 }), field("noted", word("noted"), ""),
    field("own", word("code"), "", word("code-hint")), actions(button("inspect", word("check"), inspect, true)),
    ...(page.inspected ? [node("div", { id: "verdict", tabindex: "-1", role: "status", class: "good", "data-verdict": "OPENED" },
      paragraph(word("inspect-good")), ...valuesOf(page.inspected))] : [])],
};

/** While a ballot is encrypted or sent, the page stays; while the election loads, one may look around. */
const working = () => page.busy && page.step !== "start";

// --- the page ----------------------------------------------------------------------------------------------

for (const each of document.querySelectorAll("[data-language]")) {
  each.addEventListener("click", () => { if (!working()) { page.language = each.dataset.language; render(); } });
}
for (const each of document.querySelectorAll("[data-view]")) {
  each.addEventListener("click", () => { if (!working()) { page.view = each.dataset.view; page.failed = null; place("error").replaceChildren(); show(page.step); } });
}
/** Back and forward: among steps before the encryption; behind a decision there is no way back. */
addEventListener("popstate", ({ state }) => {
  if (page.busy) return history.pushState({ step: page.step, view: page.view }, "");
  page.view = state?.view ?? "vote";
  const early = ["start", "choose", "review"], wanted = state?.step ?? "start";
  if (page.receipt || page.ballot?.decision || page.step === "finish" || !early.includes(wanted)) return show(page.step, { push: false });
  if (page.ballot) { forget(page.ballot.id); page.ballot = null; }
  if (!page.election || !page.codes.length) return show("start", { push: false });
  return show(wanted, { push: false });
});
history.replaceState({ step: "start", view: "vote" }, "");
render();
if (page.fingerprint) act(async () => { await loaded(); render(); });
