// What the pages say, in both languages; {x} is replaced. What customers read is in a file of its own.

import { CUSTOMER } from "./customer_texts.js";
import { keep, load } from "./kept.js";
import { MENU } from "./menu_texts.js";
import { WORKFLOW } from "./workflow_texts.js";

const TEXTS = {
  en: {
    ...CUSTOMER.en,
    ...MENU.en,
    ...WORKFLOW.en,
    lost: "No connection since {time}. This page may be out of date. Trying again …",

    orderCodes: "Order codes", codeMinutes: "Minutes per code", codeOrders: "Orders per code",
    codeLink: "QR code: the order page with this code filled in", codeLeft: "New code in {time}",
    counter: "Counter", signIn: "Sign in", signOut: "Sign out", store: "Store", capacity: "Drinks at a time", set: "Save",
    queue: "Orders", nothingToDo: "No orders at the moment.", decline: "Decline", reason: "Reason (shown to the customer)", back: "Back",
    open: "Open", closed: "Closed", slots: "{used} of {capacity} drinks under way", signedInAs: "Signed in as {barista}",
    complete: "Done", heartbeat: "More time", forCustomer: "for {name}", timesOut: "{time} left", overdue: "Time is up",
    minutes: "{m} min", seconds: "{s} s", newOrder: "New order: {order}", newOrders: "{n} new orders",
    take: "I'll make it", giveBack: "Give back", over: "Take over", undo: "Undo", clear: "OK", close: "Close", again: "Make it again", soldOut: "Sold out", partSoldOut: "{part} (sold out)",
    youMake: "You are making it", makes: "{barista} is making it", madeAgain: "Once more", together: "What to make together",
    "did.complete": "Done", "did.decline": "Declined", sendsIn: "{what}: sent in {s} s", isSent: "{what}: sent, can't be undone", notSentYet: "{what}: not sent yet",
    left: "No longer at the counter", "left.ready for pickup": "{barista} finished it", "left.rejected": "Declined at the counter",
    "left.canceled": "Canceled by the customer", "left.timed out": "Timed out", "left.failed": "Failed: ask the customer",
    unsent: "Taps kept until there is a connection: {n}", othersUnsent: "Taps by {barista} are not sent yet. That happens when {barista} signs in here again.",
    undoClose: "Closes in {s} s: Undo", closing: "Closing …", refusedLately: "{n} turned away in 10 min", tooOld: "It was kept for too long.", sound: "Sound",
    lookBack: "Is it ready?", findOrder: "Name, number or order ID", noneFound: "No order like that, neither at the counter nor among the latest past ones.", againAlready: "It is being made again already.",
    onThisDevice: "On this device, a ticket turns", amberAfter: "Amber after minutes", redAfter: "Red after minutes", outOf: "We are out of {name}.", markSoldOut: "Mark {name} as sold out",
    signInFirst: "Sign in to work at the counter.", notStaff: "You are signed in, but not as a barista.",
    signInFailed: "Sign-in failed. {reason}", noSignIn: "Sign-in is not set up. Deploy the stack with the parameter OidcIssuer.",
    notDone: "That did not work. {reason}", clicked: "{action}: {order}", clickNotDone: "{order}: “{what}” did not work. {reason}",
    reasonMilk: "We are out of milk.", reasonBeans: "We are out of beans.", reasonMachine: "The machine is broken.",
    begunElsewhere: "It was started in another tab, or too long ago.",
    notOurs: "Something on the way answered in the store's place. If this network has a sign-in page, open that first.",
    noSiteData: "Allow cookies and site data for this page, and sign in again.",
    notKept: "Your browser did not keep the sign-in. Allow cookies for this page, and sign in again.",
    oddRequest: "Your browser does not tell the store which page a request comes from. Update it, and open this page with https.",
    offline: "The server can't be reached.", busy: "The store's systems are overloaded.",
    conflict: "Somebody else was faster.", timedOut: "The order timed out.",
    "gone.made": "{barista} is making it.", "gone.ready for pickup": "{barista} was faster.", "gone.rejected": "The order was declined.", "gone.failed": "The order failed.",
    "gone.canceled": "The customer canceled the order.", "gone.timed out": "The order timed out.",
    cut: "… (in full under History)",
    storeUnknown: "The store's settings can't be shown. {reason}",
    "unreadable.open": "The setting open can't be read, so the store is closed. Open it here.",
    "unreadable.capacity": "The setting capacity can't be read, so it counts as 0. Save it here.",
    "unreadable.capacityCheck": "The setting capacityCheck can't be read, so slots are reserved. Tell the operators.",
    "unreadable.menu": "Some drinks of the menu can't be read. The order page offers the others; if there is none, it is closed. Tell the operators.",
    "unreadable.orderCodes": "The setting orderCodes can't be read in full, so defaults count. Save it here.",
    "unreadable.orderAgeLimitMinutes": "The setting orderAgeLimitMinutes can't be read, so no order can be sent again. Tell the operators.",

    pastOrders: "Past orders", noPastOrders: "None yet.", orderId: "Order ID", lookUp: "Look up", history: "History",
    noSuchOrder: "No order has the name, number or ID “{id}”.", forgottenOrder: "This order's drink and name have been deleted.",
    "history.an earlier run was over": "The order had ended once before. No more is known of that here.",
    "history.received": "Received.", "history.in preparation": "At the counter.",
    "history.customer told that it is in preparation": "The customer was told that the order is at the counter.",
    "history.taken": "{barista} began to make it.",
    "history.prolonged": "{barista} asked for more time. Only the last request is listed.",
    "history.prolonged.": "A barista asked for more time. Only the last request is listed.",
    "history.completed": "{barista} finished it.", "history.declined": "{barista} declined it: {reason}",
    "history.canceled": "The customer canceled it.",
    "history.decision without effect": "{barista} decided otherwise, which changed nothing.",
    "history.decision without effect.": "The customer wanted to cancel it, which changed nothing.",
    "history.customer told how it ended": "The customer was told how the order ended.",
    "ended.ready for pickup": "Ready.", madeBy: "Made by {barista}.", "ended.rejected": "Declined.", "ended.timed out": "Timed out: nobody finished it in time.",
    "ended.canceled": "Canceled.", "ended.failed": "Failed: something went wrong.",
    "refused.ERROR-100": "Turned away: something was missing or too long.", "refused.ERROR-101": "Turned away: the store was closed.",
    "refused.ERROR-103": "Turned away: all baristas were busy.", "refused.ERROR-104": "Declined.",
    "refused.ERROR-105": "Turned away: it arrived too late.",
  },
  de: {
    ...CUSTOMER.de,
    ...MENU.de,
    ...WORKFLOW.de,
    lost: "Keine Verbindung seit {time}. Diese Seite ist vielleicht nicht mehr aktuell. Neuer Versuch …",

    orderCodes: "Bestellcodes", codeMinutes: "Minuten pro Code", codeOrders: "Bestellungen pro Code",
    codeLink: "QR-Code: die Bestellseite, schon mit diesem Code", codeLeft: "Neuer Code in {time}",
    counter: "Theke", signIn: "Anmelden", signOut: "Abmelden", store: "Laden", capacity: "Getränke gleichzeitig", set: "Speichern",
    queue: "Bestellungen", nothingToDo: "Gerade keine Bestellungen.", decline: "Ablehnen", reason: "Grund (der Gast liest ihn)", back: "Zurück",
    open: "Offen", closed: "Geschlossen", slots: "{used} von {capacity} in Arbeit", signedInAs: "Angemeldet als {barista}",
    complete: "Fertig", heartbeat: "Mehr Zeit", forCustomer: "für {name}", timesOut: "noch {time}", overdue: "Zeit ist um",
    minutes: "{m} min", seconds: "{s} s", newOrder: "Neue Bestellung: {order}", newOrders: "{n} neue Bestellungen",
    take: "Mach ich", giveBack: "Abgeben", over: "Über\u00adnehmen", undo: "Rückgängig", clear: "OK", close: "Schließen", again: "Noch einmal machen", soldOut: "Ausverkauft", partSoldOut: "{part} (ausverkauft)",
    youMake: "Machst du", makes: "{barista} macht sie", madeAgain: "Noch einmal", together: "Was zusammen geht",
    "did.complete": "Fertig", "did.decline": "Abgelehnt", sendsIn: "{what}: geht raus in {s} s", isSent: "{what}: gesendet, nicht mehr rückgängig", notSentYet: "{what}: noch nicht gesendet",
    left: "Nicht mehr an der Theke", "left.ready for pickup": "{barista} hat sie fertig gemacht", "left.rejected": "An der Theke abgelehnt",
    "left.canceled": "Vom Gast storniert", "left.timed out": "Abgelaufen", "left.failed": "Fehlgeschlagen: Frag den Gast",
    unsent: "Gemerkt, bis das Netz wieder da ist: {n}", othersUnsent: "Von {barista} ist noch nicht alles gesendet. Das passiert, wenn {barista} sich hier wieder anmeldet.",
    undoClose: "Schließt in {s} s: Rückgängig", closing: "Schließt …", refusedLately: "{n} abgewiesen in 10 min", tooOld: "Es lag zu lange.", sound: "Ton",
    lookBack: "Ist sie fertig?", findOrder: "Name, Nummer oder Bestellnummer", noneFound: "So eine gibt es nicht, weder an der Theke noch unter den letzten.", againAlready: "Sie wird schon noch einmal gemacht.",
    onThisDevice: "Auf diesem Gerät wird eine Bestellung", amberAfter: "Gelb nach Minuten", redAfter: "Rot nach Minuten", outOf: "{name} ist aus.", markSoldOut: "{name} als ausverkauft markieren",
    signInFirst: "Melde dich an, um an der Theke zu arbeiten.", notStaff: "Du bist angemeldet, aber nicht als Barista.",
    signInFailed: "Die Anmeldung hat nicht geklappt. {reason}", noSignIn: "Die Anmeldung ist nicht eingerichtet. Setz beim Deployment den Parameter OidcIssuer.",
    notDone: "Das hat nicht geklappt. {reason}", clicked: "{action}: {order}", clickNotDone: "{order}: „{what}“ hat nicht geklappt. {reason}",
    reasonMilk: "Die Milch ist aus.", reasonBeans: "Die Bohnen sind aus.", reasonMachine: "Die Maschine ist kaputt.",
    begunElsewhere: "Sie wurde in einem anderen Tab oder vor zu langer Zeit begonnen.",
    notOurs: "Etwas auf dem Weg hat statt des Ladens geantwortet. Wenn dieses Netz eine Anmeldeseite hat, öffne die zuerst.",
    noSiteData: "Erlaube Cookies und Websitedaten für diese Seite, und melde dich noch einmal an.",
    notKept: "Dein Browser hat die Anmeldung nicht behalten. Erlaube Cookies für diese Seite, und melde dich noch einmal an.",
    oddRequest: "Dein Browser sagt dem Laden nicht, von welcher Seite eine Anfrage kommt. Aktualisiere ihn, und öffne diese Seite mit https.",
    offline: "Der Server ist nicht erreichbar.", busy: "Die Systeme des Ladens sind überlastet.",
    conflict: "Jemand war schneller.", timedOut: "Die Zeit der Bestellung ist abgelaufen.",
    "gone.made": "{barista} macht sie gerade.", "gone.ready for pickup": "{barista} war schneller.", "gone.rejected": "Die Bestellung wurde abgelehnt.", "gone.failed": "Die Bestellung ist fehlgeschlagen.",
    "gone.canceled": "Der Gast hat die Bestellung storniert.", "gone.timed out": "Die Zeit der Bestellung ist abgelaufen.",
    cut: "… (ganz unter Verlauf)",
    storeUnknown: "Die Einstellungen des Ladens sind gerade nicht zu sehen. {reason}",
    "unreadable.open": "Die Einstellung open ist nicht lesbar, darum ist der Laden geschlossen. Öffne ihn hier.",
    "unreadable.capacity": "Die Einstellung capacity ist nicht lesbar und gilt als 0. Speichere sie hier.",
    "unreadable.capacityCheck": "Die Einstellung capacityCheck ist nicht lesbar, darum werden Plätze reserviert. Sag dem Betrieb Bescheid.",
    "unreadable.menu": "Manche Getränke der Karte sind nicht lesbar. Die Bestellseite bietet die anderen an; gibt es keine, ist sie geschlossen. Sag dem Betrieb Bescheid.",
    "unreadable.orderCodes": "Die Einstellung orderCodes ist nicht ganz lesbar, darum gelten Vorgaben. Speichere sie hier.",
    "unreadable.orderAgeLimitMinutes": "Die Einstellung orderAgeLimitMinutes ist nicht lesbar, darum kann keine Bestellung noch einmal gesendet werden. Sag dem Betrieb Bescheid.",

    pastOrders: "Frühere Bestellungen", noPastOrders: "Noch keine.", orderId: "Bestellnummer", lookUp: "Suchen", history: "Verlauf",
    noSuchOrder: "Keine Bestellung hat den Namen oder die Nummer „{id}“.", forgottenOrder: "Getränk und Name dieser Bestellung sind gelöscht.",
    "history.an earlier run was over": "Die Bestellung war schon einmal beendet. Mehr ist darüber hier nicht bekannt.",
    "history.received": "Eingegangen.", "history.in preparation": "An der Theke.",
    "history.customer told that it is in preparation": "Der Gast wurde benachrichtigt, dass die Bestellung an der Theke ist.",
    "history.taken": "{barista} hat angefangen, sie zu machen.",
    "history.prolonged": "{barista} brauchte mehr Zeit. Nur das letzte Mal steht hier.",
    "history.prolonged.": "Jemand brauchte mehr Zeit. Nur das letzte Mal steht hier.",
    "history.completed": "{barista} hat sie fertig gemacht.", "history.declined": "{barista} hat sie abgelehnt: {reason}",
    "history.canceled": "Der Gast hat sie storniert.",
    "history.decision without effect": "{barista} hat anders entschieden, ohne Folgen.",
    "history.decision without effect.": "Der Gast wollte sie stornieren, ohne Folgen.",
    "history.customer told how it ended": "Der Gast wurde benachrichtigt, wie die Bestellung ausging.",
    "ended.ready for pickup": "Fertig.", madeBy: "Von {barista} gemacht.", "ended.rejected": "Abgelehnt.", "ended.timed out": "Abgelaufen: nicht rechtzeitig fertig.",
    "ended.canceled": "Storniert.", "ended.failed": "Fehlgeschlagen.",
    "refused.ERROR-100": "Abgewiesen: Etwas fehlte oder war zu lang.", "refused.ERROR-101": "Abgewiesen: Der Laden war geschlossen.",
    "refused.ERROR-103": "Abgewiesen: Alle Baristas hatten zu tun.", "refused.ERROR-104": "Abgelehnt.",
    "refused.ERROR-105": "Abgewiesen: Sie kam zu spät an.",
  },
};

const KEPT = "language";
const MAX_PARTS = 7;
const SHOWN = 100; // Characters: as many as what is ordered on the page may have.
const kept = load(KEPT, "");
let language = kept in TEXTS ? kept : navigator.language.toLowerCase().startsWith("de") ? "de" : "en";

export function text(name, values = {}) {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export function has(name) {
  return name in TEXTS[language];
}

/** Fill what the HTML names, and do so again whenever the language is switched. */
export function speak(title, redraw) {
  const fill = () => {
    document.documentElement.lang = language;
    document.title = text(title);
    for (const element of document.querySelectorAll("[data-text]")) {
      element.textContent = text(element.dataset.text);
    }
    const other = document.getElementById("language");
    other.textContent = text("otherLanguage");
    other.lang = language === "de" ? "en" : "de";
  };
  document.getElementById("language").addEventListener("click", () => {
    language = language === "de" ? "en" : "de";
    keep(KEPT, language);
    fill();
    redraw();
  });
  fill();
}

/** An order service may have made a text of any length: its beginning, if it is long. */
function short(whole, end = "…") {
  const characters = [...(whole ?? "")];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")} ${end}` : characters.join("");
}

export function drink(order) {
  return short(order.drink, text("cut"));
}

export function customer(order) {
  return short(order.name ?? order.userId, text("cut"));
}

/** What an order is called, also one whose drink and name were deleted. */
export function named(order, shown = short) {
  const name = shown(order.name ?? order.userId);
  return order.drink ? text("yourOrder", { drink: shown(order.drink), name }) : text("forgottenOrder");
}

/** The same with the number that is called out, if it has one. */
export function called(order, shown = short) {
  return order.number ? `${order.number}: ${named(order, shown)}` : named(order, shown);
}

/** A drink, its size and its extras, each by itself: "Latte, large, oat milk". */
export function parts(order) {
  const all = drink(order).split(", ");
  return all.length > MAX_PARTS ? [...all.slice(0, MAX_PARTS - 1), all.slice(MAX_PARTS - 1).join(", ")] : all;
}

/** As the browser writes times in the page's language, in 12 or 24 hours. */
function locale() {
  return navigator.languages.find((one) => one.toLowerCase().startsWith(language)) ?? language;
}

export function timeOfDay(date) {
  return date.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** A time that may be long ago: with its day, unless that is today. */
export function dayAndTime(date) {
  return date.toDateString() === new Date().toDateString()
    ? timeOfDay(date)
    : date.toLocaleString(locale(), { dateStyle: "medium", timeStyle: "medium" });
}

export function duration(seconds) {
  return seconds < 60
    ? text("seconds", { s: Math.max(0, Math.floor(seconds)) })
    : text("minutes", { m: Math.floor(seconds / 60) });
}
