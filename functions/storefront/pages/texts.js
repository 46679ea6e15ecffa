// What the pages say, in both languages; {x} is replaced.

const TEXTS = {
  en: {
    coffee: "Coffee", order: "Order", yourName: "Your name", drink: "Drink", code: "Code at the counter", cancel: "Cancel the order",
    orderAgain: "Order another", yourOrder: "{drink} for {name}", otherLanguage: "Deutsch",
    storeClosed: "The store is closed at the moment. You can look again in a while.",
    stepReceived: "Received", stepPreparing: "In preparation", stepReady: "Ready",
    linkHint: "Keep this page's link to come back to your order, or share it. Whoever has it can see and cancel the order.",
    "received": "We have your order.", "received.detail": "It goes to the counter in a moment.",
    "in preparation": "A barista is on it.", "in preparation.detail": "You are number {place} in the queue.",
    "ready for pickup": "Your drink is ready.", "ready for pickup.detail": "{barista} has prepared it. Come and get it.",
    "rejected": "Sorry, we can't make this order.", "rejected.detail": "{message}",
    "ERROR-100": "Something in the order is missing or too long. Please order again.",
    "ERROR-101": "The store is closed. Please come back when it is open.",
    "ERROR-103": "All baristas are busy. Please try again in a few minutes.",
    "ERROR-104": "The barista says: {message}",
    "ERROR-105": "Your order reached us too late. Please order again.",
    "ERROR-106": "An order needs the code that is shown at the counter.",
    "ERROR-107": "This code is wrong or too old. Take the one that is shown at the counter now.",
    "ERROR-108": "This code is used up. The counter shows another one in a few minutes.",
    "timed out": "Sorry, nobody got round to your order.", "timed out.detail": "Please order again, or ask at the counter.",
    "canceled": "You have canceled your order.", "canceled.detail": "It will not be made.",
    "failed": "Sorry, something went wrong.", "failed.detail": "Your order was not made. Please order again.",
    canceling: "Asking the counter to stop …", tooLateToCancel: "It was too late to cancel.",
    unknownOrder: "There is no order behind this link.", unknownOrderDetail: "Check the link, or order anew.",
    forgotten: "That was long ago: what it was, and for whom, is no longer kept.",
    notSent: "Your order was not sent: {reason} Press Order again, it won't be made twice.",
    unanswered: "Your last order had no answer. Press Order again, it won't be made twice.",
    unseen: "Name or drink has a character that can't be seen, or nothing else. Please write it anew.",
    lost: "No connection since {time}. What you see may be old. Trying again …", chooseDrink: "Choose a drink",

    orderCodes: "Order codes", codeMinutes: "Minutes that a code is shown", codeOrders: "Orders that it is good for",
    codeLink: "The order page with this code, as a QR code", codeLeft: "Another one in {time}",
    counter: "Counter", signIn: "Sign in", signOut: "Sign out", store: "Store", capacity: "Drinks at a time", set: "Set",
    queue: "Orders", nothingToDo: "Nothing to do.", decline: "Decline", reason: "Reason, which the customer will read", back: "Back",
    open: "Open", closed: "Closed", slots: "{used} of {capacity} slots in use", signedInAs: "Signed in as {barista}",
    complete: "Done", heartbeat: "Still at it", forCustomer: "for {name}", waited: "waiting for {time}", left: "{time} left", overdue: "time is up",
    minutes: "{m} min", seconds: "{s} s", newOrder: "New order: {drink} for {name}", newOrders: "{n} new orders",
    signInFirst: "Sign in to work at the counter.", notStaff: "You are signed in, but not as a barista.",
    signInFailed: "The sign-in did not work: {reason}", noSignIn: "This shop has no sign-in. Deploy it with the parameter OidcIssuer.",
    notDone: "Not done: {reason}", clicked: "{action}: {drink} for {name}",
    reasonMilk: "We are out of milk.", reasonBeans: "We are out of beans.", reasonMachine: "The machine is broken.",
    begunElsewhere: "It was begun in another tab, or too long ago.",
    offline: "the server can't be reached.", busy: "the shop's systems are busy.",
    conflict: "somebody else was faster.", timedOut: "the order timed out.", clickNotDone: "{order}, not done: {reason}",
    "gone.ready for pickup": "{barista} was faster.", "gone.rejected": "it was declined.", "gone.failed": "the order broke.",
    "gone.canceled": "the customer has canceled it.", "gone.timed out": "the order timed out.",

    pastOrders: "Orders that have ended", noPastOrders: "There are none yet.", orderId: "Order id", lookUp: "Look up", history: "History",
    noSuchOrder: "There is no order {id}. Check the order id.", forgottenOrder: "What it was, and for whom, is no longer kept.",
    "history.an earlier run was over": "The order ended once before; that is no longer kept here.",
    "history.received": "Received.", "history.in preparation": "On the counter.",
    "history.customer told that it is in preparation": "The customer was told that it is in preparation.",
    "history.prolonged": "{barista} is still at it; the last of such clicks is kept.",
    "history.prolonged.": "A barista is still at it; the last of such clicks is kept.",
    "history.completed": "{barista} has finished it.", "history.declined": "{barista} has declined it: {reason}",
    "history.canceled": "The customer has canceled it.",
    "history.customer told how it ended": "The customer was told how it ended.",
    "ended.ready for pickup": "Ready.", "ended.rejected": "Refused.", "ended.timed out": "Timed out: nobody got round to it.",
    "ended.canceled": "Canceled.", "ended.failed": "Failed: something broke.",
    "refused.ERROR-100": "Refused: something in it was missing or too long.", "refused.ERROR-101": "Refused: the store was closed.",
    "refused.ERROR-103": "Refused: all slots were in use.", "refused.ERROR-104": "Declined.",
    "refused.ERROR-105": "Refused: it came too late.",
  },
  de: {
    coffee: "Kaffee", order: "Bestellen", yourName: "Dein Name", drink: "Getränk", code: "Code an der Theke", cancel: "Bestellung stornieren",
    orderAgain: "Noch etwas bestellen", yourOrder: "{drink} für {name}", otherLanguage: "English",
    storeClosed: "Der Laden ist gerade geschlossen. Schau später noch einmal vorbei.",
    stepReceived: "Eingegangen", stepPreparing: "In Arbeit", stepReady: "Fertig",
    linkHint: "Mit dem Link dieser Seite kommst du zu deiner Bestellung zurück und kannst sie teilen. Wer ihn hat, kann sie sehen und stornieren.",
    "received": "Deine Bestellung ist da.", "received.detail": "Gleich ist sie an der Theke.",
    "in preparation": "Dein Getränk wird zubereitet.", "in preparation.detail": "Du bist Nummer {place} in der Schlange.",
    "ready for pickup": "Dein Getränk ist fertig.", "ready for pickup.detail": "{barista} hat es zubereitet. Du kannst es abholen.",
    "rejected": "Das können wir leider nicht machen.", "rejected.detail": "{message}",
    "ERROR-100": "In der Bestellung fehlt etwas, oder etwas ist zu lang. Bitte bestelle noch einmal.",
    "ERROR-101": "Der Laden ist geschlossen. Komm wieder, wenn er offen ist.",
    "ERROR-103": "Alle Baristas haben zu tun. Versuch es in ein paar Minuten noch einmal.",
    "ERROR-104": "Von der Theke: {message}",
    "ERROR-105": "Deine Bestellung hat uns zu spät erreicht. Bitte bestelle noch einmal.",
    "ERROR-106": "Zum Bestellen brauchst du den Code, der an der Theke steht.",
    "ERROR-107": "Dieser Code ist falsch oder zu alt. Nimm den, der jetzt an der Theke steht.",
    "ERROR-108": "Dieser Code ist aufgebraucht. In ein paar Minuten steht ein anderer an der Theke.",
    "timed out": "Leider ist niemand dazu gekommen.", "timed out.detail": "Bitte bestelle noch einmal, oder frag an der Theke.",
    "canceled": "Du hast die Bestellung storniert.", "canceled.detail": "Sie wird nicht zubereitet.",
    "failed": "Leider ging etwas schief.", "failed.detail": "Deine Bestellung wurde nicht zubereitet. Bitte bestelle noch einmal.",
    canceling: "Die Theke wird gebeten aufzuhören …", tooLateToCancel: "Zum Stornieren war es zu spät.",
    unknownOrder: "Hinter diesem Link ist keine Bestellung.", unknownOrderDetail: "Prüfe den Link, oder bestelle neu.",
    forgotten: "Das ist lange her: Was es war und für wen, ist nicht mehr gespeichert.",
    notSent: "Deine Bestellung ging nicht hinaus: {reason} Drück noch einmal, sie wird nicht doppelt gemacht.",
    unanswered: "Deine letzte Bestellung blieb ohne Antwort. Drück noch einmal, sie wird nicht doppelt gemacht.",
    unseen: "Im Namen oder im Getränk steht ein unsichtbares Zeichen, oder gar kein anderes. Bitte schreib es neu.",
    lost: "Keine Verbindung seit {time}. Was du siehst, kann veraltet sein. Neuer Versuch …", chooseDrink: "Getränk wählen",

    orderCodes: "Bestellcodes", codeMinutes: "Minuten, die ein Code gezeigt wird", codeOrders: "Bestellungen, für die er reicht",
    codeLink: "Die Bestellseite mit diesem Code, als QR-Code", codeLeft: "Ein anderer in {time}",
    counter: "Theke", signIn: "Anmelden", signOut: "Abmelden", store: "Laden", capacity: "Getränke zugleich", set: "Setzen",
    queue: "Bestellungen", nothingToDo: "Nichts zu tun.", decline: "Ablehnen", reason: "Grund, den der Gast liest", back: "Zurück",
    open: "Offen", closed: "Geschlossen", slots: "{used} von {capacity} Plätzen belegt", signedInAs: "Angemeldet als {barista}",
    complete: "Fertig", heartbeat: "Noch dran", forCustomer: "für {name}", waited: "wartet seit {time}", left: "noch {time}", overdue: "Zeit ist um",
    minutes: "{m} min", seconds: "{s} s", newOrder: "Neue Bestellung: {drink} für {name}", newOrders: "{n} neue Bestellungen",
    signInFirst: "Melde dich an, um an der Theke zu arbeiten.", notStaff: "Du bist angemeldet, aber nicht als Barista.",
    signInFailed: "Die Anmeldung ging nicht: {reason}", noSignIn: "Dieser Laden hat keine Anmeldung. Setze beim Deployment den Parameter OidcIssuer.",
    notDone: "Nicht geschehen: {reason}", clicked: "{action}: {drink} für {name}",
    reasonMilk: "Die Milch ist aus.", reasonBeans: "Die Bohnen sind aus.", reasonMachine: "Die Maschine ist kaputt.",
    begunElsewhere: "Sie wurde in einem anderen Tab begonnen, oder vor zu langer Zeit.",
    offline: "Der Server ist nicht erreichbar.", busy: "Die Systeme des Ladens sind überlastet.",
    conflict: "Jemand war schneller.", timedOut: "Die Zeit der Bestellung ist abgelaufen.", clickNotDone: "{order}, nicht geschehen: {reason}",
    "gone.ready for pickup": "{barista} war schneller.", "gone.rejected": "Sie wurde abgelehnt.", "gone.failed": "Die Bestellung ist gescheitert.",
    "gone.canceled": "Der Gast hat sie storniert.", "gone.timed out": "Die Zeit der Bestellung ist abgelaufen.",

    pastOrders: "Beendete Bestellungen", noPastOrders: "Noch keine.", orderId: "Bestellnummer", lookUp: "Nachsehen", history: "Verlauf",
    noSuchOrder: "Es gibt keine Bestellung {id}. Prüfe die Nummer.", forgottenOrder: "Was es war und für wen, ist nicht mehr gespeichert.",
    "history.an earlier run was over": "Die Bestellung war schon einmal beendet; das ist hier nicht mehr gespeichert.",
    "history.received": "Eingegangen.", "history.in preparation": "An der Theke.",
    "history.customer told that it is in preparation": "Der Gast weiß, dass sie in Arbeit ist.",
    "history.prolonged": "{barista} ist noch dran; gespeichert ist der letzte dieser Klicks.",
    "history.prolonged.": "Jemand ist noch dran; gespeichert ist der letzte dieser Klicks.",
    "history.completed": "{barista} hat sie fertig gemacht.", "history.declined": "{barista} hat sie abgelehnt: {reason}",
    "history.canceled": "Der Gast hat sie storniert.",
    "history.customer told how it ended": "Der Gast weiß, wie sie endete.",
    "ended.ready for pickup": "Fertig.", "ended.rejected": "Abgewiesen.", "ended.timed out": "Abgelaufen: Niemand kam dazu.",
    "ended.canceled": "Storniert.", "ended.failed": "Gescheitert: Etwas ging schief.",
    "refused.ERROR-100": "Abgewiesen: Etwas fehlte oder war zu lang.", "refused.ERROR-101": "Abgewiesen: Der Laden war zu.",
    "refused.ERROR-103": "Abgewiesen: Alle Plätze waren belegt.", "refused.ERROR-104": "Abgelehnt.",
    "refused.ERROR-105": "Abgewiesen: Sie kam zu spät.",
  },
};

const KEPT = "language";
let language = remembered() ?? (navigator.language.toLowerCase().startsWith("de") ? "de" : "en");

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
    try {
      localStorage.setItem(KEPT, language);
    } catch {
      // A browser that keeps nothing forgets the language, too.
    }
    fill();
    redraw();
  });
  fill();
}

export function timeOfDay(date) {
  return date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** A time that may be long ago: with its day, unless that is today. */
export function moment(date) {
  return date.toDateString() === new Date().toDateString()
    ? timeOfDay(date)
    : date.toLocaleString(language, { dateStyle: "medium", timeStyle: "medium" });
}

export function duration(seconds) {
  return seconds < 60
    ? text("seconds", { s: Math.max(0, Math.floor(seconds)) })
    : text("minutes", { m: Math.floor(seconds / 60) });
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept in TEXTS ? kept : null;
  } catch {
    return null;
  }
}
