// What the pages say, in both languages; {x} is replaced.

const TEXTS = {
  en: {
    coffee: "Coffee", order: "Order", yourName: "Your name", drink: "Drink", code: "Code at the counter", cancel: "Cancel the order",
    orderTitle: "What would you like?", orderAgain: "Order another", yourOrder: "{drink} for {name}", otherLanguage: "Deutsch", chooseDrink: "Choose a drink",
    storeClosed: "The store is closed at the moment. Please come back later.",
    stepReceived: "Received", stepQueue: "In the queue", stepReady: "Ready",
    linkHint: "Keep the link to this page to come back to your order. Anyone who has the link can see and cancel the order.",
    "received": "We have your order.", "received.detail": "It will be at the counter in a moment.",
    next: "You are next.", nextDetail: "A barista may be making your drink already.",
    queued: "In the queue, number {place}", oneAhead: "One order is ahead of yours.", manyAhead: "{ahead} orders are ahead of yours.",
    queuedSomewhere: "In the queue",
    "ready for pickup": "Your drink is ready.", "ready for pickup.detail": "{barista} made it. Pick it up at the counter.",
    "rejected": "Sorry, we can't make this order.", "rejected.detail": "{message}",
    "ERROR-100": "Something in the order is missing or too long. Please order again.",
    "ERROR-101": "The store is closed. Please come back when it is open.",
    "ERROR-103": "All baristas are busy. Please try again in a few minutes.",
    "ERROR-104": "A barista declined it: {reason}",
    "ERROR-105": "Your order reached us too late. Please order again.",
    "ERROR-106": "To order, enter the code shown at the counter.",
    "ERROR-107": "This code is wrong or has expired. Enter the one shown at the counter now.",
    "ERROR-108": "This code has been used up. The counter will show a new one in a few minutes.",
    "timed out": "Sorry, nobody finished your order in time.", "timed out.detail": "Please order again, or ask at the counter.",
    "canceled": "Your order is canceled.", "canceled.detail": "There is nothing to pick up.",
    "failed": "Sorry, something went wrong with your order.", "failed.detail": "Please order again, or ask at the counter.",
    canceling: "Canceling your order …", tooLateToCancel: "It was too late to cancel.",
    unknownOrder: "There is no order at this link.", unknownOrderDetail: "Check the link, or place a new order.",
    forgotten: "This order is old. Its drink and its name have been deleted.",
    notSent: "We don't know whether your order arrived. {reason} Press Order again; it won't be made twice.",
    unanswered: "We don't know whether your last order arrived. Press Order again; it won't be made twice.",
    unseen: "The name or the drink contains an invisible character, one that reverses the text, too many accents, or nothing visible. Please type it again.",
    lost: "No connection since {time}. This page may be out of date. Trying again …",

    orderCodes: "Order codes", codeMinutes: "Minutes per code", codeOrders: "Orders per code",
    codeLink: "QR code: the order page with this code filled in", codeLeft: "New code in {time}",
    counter: "Counter", signIn: "Sign in", signOut: "Sign out", store: "Store", capacity: "Drinks at a time", set: "Save",
    queue: "Orders", nothingToDo: "No orders at the moment.", decline: "Decline", reason: "Reason (shown to the customer)", back: "Back",
    open: "Open", closed: "Closed", slots: "{used} of {capacity} slots in use", signedInAs: "Signed in as {barista}",
    complete: "Done", heartbeat: "More time", for: "for", forCustomer: "for {name}", waited: "waiting for {time}", left: "{time} left", overdue: "time is up",
    minutes: "{m} min", seconds: "{s} s", newOrder: "New order: {drink} for {name}", newOrders: "{n} new orders",
    signInFirst: "Sign in to work at the counter.", notStaff: "You are signed in, but not as a barista.",
    signInFailed: "Sign-in failed. {reason}", noSignIn: "Sign-in is not set up. Deploy the stack with the parameter OidcIssuer.",
    notDone: "That did not work. {reason}", clicked: "{action}: {drink} for {name}", clickNotDone: "{order}: that did not work. {reason}",
    reasonMilk: "We are out of milk.", reasonBeans: "We are out of beans.", reasonMachine: "The machine is broken.",
    begunElsewhere: "It was started in another tab, or too long ago.",
    notOurs: "Something on the way answered in the store's place. If this network has a sign-in page, open that first.",
    noSiteData: "Allow cookies and site data for this page, and sign in again.",
    notKept: "Your browser did not keep the sign-in. Allow cookies for this page, and sign in again.",
    oddRequest: "Your browser does not tell the store which page a request comes from. Update it, and open this page with https.",
    offline: "The server can't be reached.", busy: "The store's systems are overloaded.",
    conflict: "Somebody else was faster.", timedOut: "The order timed out.",
    "gone.ready for pickup": "{barista} was faster.", "gone.rejected": "The order was declined.", "gone.failed": "The order failed.",
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
    noSuchOrder: "There is no order {id}. Check the order ID.", forgottenOrder: "This order's drink and name have been deleted.",
    "history.an earlier run was over": "The order had ended once before. No more is known of that here.",
    "history.received": "Received.", "history.in preparation": "At the counter.",
    "history.customer told that it is in preparation": "The customer was told that the order is in preparation.",
    "history.prolonged": "{barista} asked for more time. Only the last request is listed.",
    "history.prolonged.": "A barista asked for more time. Only the last request is listed.",
    "history.completed": "{barista} finished it.", "history.declined": "{barista} declined it: {reason}",
    "history.canceled": "The customer canceled it.",
    "history.decision without effect": "{barista} decided otherwise, which changed nothing.",
    "history.decision without effect.": "The customer wanted to cancel it, which changed nothing.",
    "history.customer told how it ended": "The customer was told how the order ended.",
    "ended.ready for pickup": "Ready.", "ended.rejected": "Rejected.", "ended.timed out": "Timed out: nobody finished it in time.",
    "ended.canceled": "Canceled.", "ended.failed": "Failed: something went wrong.",
    "refused.ERROR-100": "Rejected: something was missing or too long.", "refused.ERROR-101": "Rejected: the store was closed.",
    "refused.ERROR-103": "Rejected: all slots were in use.", "refused.ERROR-104": "Declined.",
    "refused.ERROR-105": "Rejected: it arrived too late.",
  },
  de: {
    coffee: "Kaffee", order: "Bestellen", yourName: "Dein Name", drink: "Getränk", code: "Code an der Theke", cancel: "Bestellung stornieren",
    orderTitle: "Was möchtest du?", orderAgain: "Noch etwas bestellen", yourOrder: "{drink} für {name}", otherLanguage: "English", chooseDrink: "Getränk wählen",
    storeClosed: "Der Laden ist gerade geschlossen. Schau später noch einmal vorbei.",
    stepReceived: "Eingegangen", stepQueue: "In der Schlange", stepReady: "Fertig",
    linkHint: "Mit dem Link zu dieser Seite kommst du zu deiner Bestellung zurück. Wer den Link hat, kann sie sehen und stornieren.",
    "received": "Deine Bestellung ist da.", "received.detail": "Gleich ist sie an der Theke.",
    next: "Du bist als Nächstes dran.", nextDetail: "Vielleicht wird dein Getränk schon zubereitet.",
    queued: "In der Schlange, Nummer {place}", oneAhead: "Eine Bestellung ist vor deiner dran.", manyAhead: "{ahead} Bestellungen sind vor deiner dran.",
    queuedSomewhere: "In der Schlange",
    "ready for pickup": "Dein Getränk ist fertig.", "ready for pickup.detail": "{barista} hat es zubereitet. Du kannst es an der Theke abholen.",
    "rejected": "Diese Bestellung geht leider nicht.", "rejected.detail": "{message}",
    "ERROR-100": "In der Bestellung fehlt etwas, oder etwas ist zu lang. Bitte bestell noch einmal.",
    "ERROR-101": "Der Laden ist geschlossen. Komm wieder, wenn er offen ist.",
    "ERROR-103": "Alle Baristas haben zu tun. Versuch es in ein paar Minuten noch einmal.",
    "ERROR-104": "An der Theke abgelehnt: {reason}",
    "ERROR-105": "Deine Bestellung kam zu spät an. Bitte bestell noch einmal.",
    "ERROR-106": "Gib zum Bestellen den Code ein, der an der Theke steht.",
    "ERROR-107": "Dieser Code ist falsch oder abgelaufen. Nimm den, der jetzt an der Theke steht.",
    "ERROR-108": "Dieser Code ist aufgebraucht. In ein paar Minuten steht ein neuer an der Theke.",
    "timed out": "Leider ist deine Bestellung nicht rechtzeitig fertig geworden.", "timed out.detail": "Bitte bestell noch einmal, oder frag an der Theke.",
    "canceled": "Deine Bestellung ist storniert.", "canceled.detail": "Du musst nichts abholen.",
    "failed": "Mit deiner Bestellung ist leider etwas schiefgegangen.", "failed.detail": "Bitte bestell noch einmal, oder frag an der Theke.",
    canceling: "Deine Bestellung wird storniert …", tooLateToCancel: "Zum Stornieren war es zu spät.",
    unknownOrder: "Unter diesem Link gibt es keine Bestellung.", unknownOrderDetail: "Prüfe den Link, oder bestell neu.",
    forgotten: "Diese Bestellung ist alt. Getränk und Name sind gelöscht.",
    notSent: "Wir wissen nicht, ob deine Bestellung angekommen ist. {reason} Drück noch einmal auf „Bestellen“; sie wird nicht doppelt gemacht.",
    unanswered: "Wir wissen nicht, ob deine letzte Bestellung angekommen ist. Drück noch einmal auf „Bestellen“; sie wird nicht doppelt gemacht.",
    unseen: "Im Namen oder im Getränk steht ein unsichtbares Zeichen, eins, das den Text umdreht, zu viele Akzente oder gar nichts Sichtbares. Bitte schreib es noch einmal.",
    lost: "Keine Verbindung seit {time}. Diese Seite ist vielleicht nicht mehr aktuell. Neuer Versuch …",

    orderCodes: "Bestellcodes", codeMinutes: "Minuten pro Code", codeOrders: "Bestellungen pro Code",
    codeLink: "QR-Code: die Bestellseite, schon mit diesem Code", codeLeft: "Neuer Code in {time}",
    counter: "Theke", signIn: "Anmelden", signOut: "Abmelden", store: "Laden", capacity: "Getränke gleichzeitig", set: "Speichern",
    queue: "Bestellungen", nothingToDo: "Gerade keine Bestellungen.", decline: "Ablehnen", reason: "Grund (der Gast liest ihn)", back: "Zurück",
    open: "Offen", closed: "Geschlossen", slots: "{used} von {capacity} Plätzen belegt", signedInAs: "Angemeldet als {barista}",
    complete: "Fertig", heartbeat: "Mehr Zeit", for: "für", forCustomer: "für {name}", waited: "wartet seit {time}", left: "noch {time}", overdue: "Zeit ist um",
    minutes: "{m} min", seconds: "{s} s", newOrder: "Neue Bestellung: {drink} für {name}", newOrders: "{n} neue Bestellungen",
    signInFirst: "Melde dich an, um an der Theke zu arbeiten.", notStaff: "Du bist angemeldet, aber nicht als Barista.",
    signInFailed: "Die Anmeldung hat nicht geklappt. {reason}", noSignIn: "Die Anmeldung ist nicht eingerichtet. Setz beim Deployment den Parameter OidcIssuer.",
    notDone: "Das hat nicht geklappt. {reason}", clicked: "{action}: {drink} für {name}", clickNotDone: "{order}: Das hat nicht geklappt. {reason}",
    reasonMilk: "Die Milch ist aus.", reasonBeans: "Die Bohnen sind aus.", reasonMachine: "Die Maschine ist kaputt.",
    begunElsewhere: "Sie wurde in einem anderen Tab oder vor zu langer Zeit begonnen.",
    notOurs: "Etwas auf dem Weg hat statt des Ladens geantwortet. Wenn dieses Netz eine Anmeldeseite hat, öffne die zuerst.",
    noSiteData: "Erlaube Cookies und Websitedaten für diese Seite, und melde dich noch einmal an.",
    notKept: "Dein Browser hat die Anmeldung nicht behalten. Erlaube Cookies für diese Seite, und melde dich noch einmal an.",
    oddRequest: "Dein Browser sagt dem Laden nicht, von welcher Seite eine Anfrage kommt. Aktualisiere ihn, und öffne diese Seite mit https.",
    offline: "Der Server ist nicht erreichbar.", busy: "Die Systeme des Ladens sind überlastet.",
    conflict: "Jemand war schneller.", timedOut: "Die Zeit der Bestellung ist abgelaufen.",
    "gone.ready for pickup": "{barista} war schneller.", "gone.rejected": "Die Bestellung wurde abgelehnt.", "gone.failed": "Die Bestellung ist fehlgeschlagen.",
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
    noSuchOrder: "Es gibt keine Bestellung {id}. Prüfe die Nummer.", forgottenOrder: "Getränk und Name dieser Bestellung sind gelöscht.",
    "history.an earlier run was over": "Die Bestellung war schon einmal beendet. Mehr ist darüber hier nicht bekannt.",
    "history.received": "Eingegangen.", "history.in preparation": "An der Theke.",
    "history.customer told that it is in preparation": "Der Gast wurde benachrichtigt, dass die Bestellung in Arbeit ist.",
    "history.prolonged": "{barista} brauchte mehr Zeit. Nur das letzte Mal steht hier.",
    "history.prolonged.": "Jemand brauchte mehr Zeit. Nur das letzte Mal steht hier.",
    "history.completed": "{barista} hat sie fertig gemacht.", "history.declined": "{barista} hat sie abgelehnt: {reason}",
    "history.canceled": "Der Gast hat sie storniert.",
    "history.decision without effect": "{barista} hat anders entschieden, ohne Folgen.",
    "history.decision without effect.": "Der Gast wollte sie stornieren, ohne Folgen.",
    "history.customer told how it ended": "Der Gast wurde benachrichtigt, wie die Bestellung ausging.",
    "ended.ready for pickup": "Fertig.", "ended.rejected": "Abgelehnt.", "ended.timed out": "Abgelaufen: nicht rechtzeitig fertig.",
    "ended.canceled": "Storniert.", "ended.failed": "Fehlgeschlagen.",
    "refused.ERROR-100": "Abgelehnt: Etwas fehlte oder war zu lang.", "refused.ERROR-101": "Abgelehnt: Der Laden war geschlossen.",
    "refused.ERROR-103": "Abgelehnt: Alle Plätze waren belegt.", "refused.ERROR-104": "Von einem Barista abgelehnt.",
    "refused.ERROR-105": "Abgelehnt: Sie kam zu spät an.",
  },
};

const KEPT = "language";
const SHOWN = 100; // Characters: as many as what is ordered on the page may have.
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

export function timeOfDay(date) {
  return date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** A time that may be long ago: with its day, unless that is today. */
export function dayAndTime(date) {
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
