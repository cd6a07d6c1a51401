// Makes the console live. Everything it does can be done without it: it only saves the clerk from reloading.
// It never decides anything, keeps no personal data, and never claims that something was sent when it was not.

const RECONNECT_MS = 2000; // a lost stream is back within three seconds
const REFRESH_MS = 30000; // "12 minutes ago" must not stand still, and a stream that hangs silently is noticed
const SEND_WITHIN_MS = 10000; // after this a click is reported as not sent
const CHANNEL = "shouwang-version";

const live = () => document.getElementById("live");
const link = document.getElementById("link");
const said = document.getElementById("said");
const sound = document.getElementById("sound");
const language = document.body.dataset.language;
const titleText = document.title.replace(/^\(\d+\) /, "");

let isReading = false;
let mustReadAgain = false;
let tone = null;

// In the language of the page: what stands here and what the server writes must not differ.
function words(zh, en) {
  return { zh, en }[language] ?? `${zh} ${en}`;
}

function showLink(isUp) {
  const text = isUp ? words("实时", "live") : words("连接中断，正在重连", "reconnecting");
  if (link.textContent === text) return;
  link.hidden = false;
  link.textContent = text;
  link.classList.toggle("lost", !isUp);
}

// Read out to those who listen; a refusal is also shown, since the form it belongs to may be gone with a refresh.
function say(text, isShown) {
  said.textContent = text;
  said.classList.toggle("shown", isShown);
}

// Where the focus is, so that a keyboard user finds it there after a refresh; never on another alert's button.
const FOCUSABLE = "a[href], button, summary, input, select, textarea";

function focusPlace() {
  const element = document.activeElement;
  const anchor = element?.closest("#live [id]");
  if (!anchor) return null;
  if (anchor === element) return { id: anchor.id, index: -1, text: "" };
  return { id: anchor.id, index: [...anchor.querySelectorAll(FOCUSABLE)].indexOf(element), text: element.textContent };
}

function focusAgain(place, byId) {
  const anchor = place && byId(place.id);
  if (!anchor) return null;
  const element = place.index < 0 ? anchor : anchor.querySelectorAll(FOCUSABLE)[place.index];
  if (!element || (place.index >= 0 && element.textContent !== place.text)) return null;
  element.focus({ preventScroll: true });
  return element;
}

// What a clerk has typed or opened outlives a refresh; hidden fields (versions, keys) must not.
function keep(root) {
  const kept = { values: new Map(), open: new Set(), focus: focusPlace(), span: null };
  for (const field of root.querySelectorAll("input[id], select[id], textarea[id]")) {
    if (field.value !== (field.defaultValue ?? "")) kept.values.set(field.id, field.value);
  }
  for (const details of root.querySelectorAll("details[id][open]")) kept.open.add(details.id);
  const field = document.activeElement;
  if (field instanceof HTMLTextAreaElement) kept.span = [field.selectionStart, field.selectionEnd];
  return kept;
}

function restore(root, kept) {
  const byId = (id) => [...root.querySelectorAll("[id]")].find((element) => element.id === id);
  for (const id of kept.open) { const details = byId(id); if (details) details.open = true; }
  for (const [id, value] of kept.values) { const field = byId(id); if (field) field.value = value; }
  const field = focusAgain(kept.focus, byId);
  if (kept.span && field instanceof HTMLTextAreaElement) field.setSelectionRange(...kept.span);
}

function announce(before, after) {
  if (after.dataset.unowned === undefined) return;
  const unowned = Number(after.dataset.unowned);
  document.title = unowned ? `(${unowned}) ${titleText}` : titleText;
  if (unowned <= Number(before.dataset.unowned ?? 0)) return;
  say(words(`有 ${unowned} 个报警待接`, `${unowned} alerts not taken`), false);
  beep();
}

function swap(html) {
  const before = live();
  const after = new DOMParser().parseFromString(html, "text/html").getElementById("live");
  if (!before || !after) return;
  const kept = keep(before);
  before.replaceWith(after);
  restore(after, kept);
  announce(before, after);
}

// One read at a time; news that comes meanwhile leads to one more read, never to a queue of them.
async function read() {
  const source = live()?.dataset.source;
  if (!source) return;
  if (isReading) { mustReadAgain = true; return; }
  isReading = true;
  try {
    const options = { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(SEND_WITHIN_MS) };
    const answer = await fetch(source, options);
    if (answer.status === 401 || new URL(answer.url).pathname === "/login") { location.assign("/login"); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    if (!isPressing()) swap(await answer.text());
  } catch {
    showLink(false);
  } finally {
    isReading = false;
    if (mustReadAgain) { mustReadAgain = false; read(); }
  }
}

const isPressing = () => document.querySelector('button[aria-busy="true"]') !== null;

// A click either reached the service, or the page says that it did not and keeps the button.
async function send(form, button) {
  const note = form.querySelector("output.sent");
  const tell = (text, isSent) => { note.textContent = text; note.classList.toggle("unsent", !isSent); };
  const headers = { Accept: "application/problem+json" };
  const fields = new FormData(form);
  if (button?.name) fields.append(button.name, button.value);
  const body = new URLSearchParams(fields);
  button?.setAttribute("aria-busy", "true");
  tell(words("正在发送", "sending …"), true);
  try {
    const options = { method: "POST", body, headers, signal: AbortSignal.timeout(SEND_WITHIN_MS), redirect: "manual" };
    const answer = await fetch(form.action, options);
    const isDone = answer.type === "opaqueredirect" || answer.ok;
    if (answer.status === 401) { location.assign("/login"); return; }
    const problem = isDone ? null : await answer.json().catch(() => ({ title: `${answer.status}` }));
    tell(isDone ? words("已送达", "done") : `${words("未执行", "refused")}: ${problem.title}`, isDone);
    say(isDone ? "" : note.textContent, !isDone);
    if (!isDone && answer.status !== 409) return;
    button?.removeAttribute("aria-busy");
    await read();
  } catch {
    tell(words("未送达，请再按一次", "not sent, press again"), false);
    say(note.textContent, true);
    showLink(false);
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-live]")) return;
  event.preventDefault();
  if (!isPressing()) send(event.target, event.submitter);
});

function beep() {
  if (!tone) return;
  for (const [at, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
    const note = tone.createOscillator();
    note.frequency.value = pitch;
    note.connect(tone.destination);
    note.start(tone.currentTime + at);
    note.stop(tone.currentTime + at + 0.2);
  }
}

// Browsers allow sound only after a click; without AudioContext the button stays away.
if (sound && window.AudioContext) {
  sound.hidden = false;
  sound.addEventListener("click", () => {
    if (tone) { tone.close(); tone = null; } else { tone = new AudioContext(); beep(); }
    sound.setAttribute("aria-pressed", String(tone !== null));
  });
}

// A stream that the server refused does not come back by itself: it is opened anew, and until then the page polls.
function listen(onNews, onLink) {
  const stream = new EventSource("/events");
  stream.addEventListener("open", () => { onLink(true); onNews(); });
  stream.addEventListener("version", onNews);
  stream.addEventListener("error", () => {
    onLink(false);
    if (stream.readyState !== EventSource.CLOSED) return;
    onNews();
    setTimeout(() => listen(onNews, onLink), RECONNECT_MS);
  });
}

// Browsers allow six connections to a host: of all tabs, one listens and tells the others.
function start() {
  if (!navigator.locks || !window.BroadcastChannel) { listen(read, showLink); return; }
  const tabs = new BroadcastChannel(CHANNEL);
  let isLinkUp = null; // known to the tab that listens; the others ask it when they open
  tabs.addEventListener("message", (event) => {
    if (event.data.isAsking && isLinkUp !== null) tabs.postMessage({ isUp: isLinkUp });
    if (event.data.isUp !== undefined) showLink(event.data.isUp);
    if (event.data.isNews) read();
  });
  tabs.postMessage({ isAsking: true });
  navigator.locks.request(CHANNEL, () => new Promise(() => {
    listen(
      () => { tabs.postMessage({ isNews: true }); read(); },
      (isUp) => { isLinkUp = isUp; tabs.postMessage({ isUp }); showLink(isUp); },
    );
  }));
}

// On a phone the menu is one line that scrolls: where we are must be seen.
document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

if (live()) {
  start();
  setInterval(read, REFRESH_MS);
}
