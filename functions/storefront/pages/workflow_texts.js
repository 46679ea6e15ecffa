// What the page of the live workflow says, in both languages; {x} is replaced.

export const WORKFLOW = {
  en: {
    workflow: "The workflow, live", seeWorkflow: "See its way through the workflow", flowOrders: "Latest orders", flowAll: "All orders",
    flowHint: "Each coffee order runs through this workflow. A number says how many orders are in a state now. Choose an order to see its way, or a state to read what it does.",
    flowCount: "{state}. Orders in it now: {n}", flowElsewhere: "{n} more orders are on their way to the counter.",
    flowRejected: "Refused.", flowError: "Error: {error}",
    "execution.running": "It is in “{state}”.", "execution.succeeded": "It has come to the end.",
    "execution.failed": "It broke in “{state}”.", "execution.aborted": "It was stopped in “{state}”.", "execution.timed out": "It ran out of time in “{state}”.",
    "execution.unknown": "Its way is not known: Step Functions keeps it for 90 days at most, and nothing leads to that of an invalid order.",
  },
  de: {
    workflow: "Der Workflow, live", seeWorkflow: "Den Weg durch den Workflow ansehen", flowOrders: "Letzte Bestellungen", flowAll: "Alle Bestellungen",
    flowHint: "Jede Bestellung durchläuft diesen Workflow. Eine Zahl sagt, wie viele gerade in einem Zustand sind. Wähl eine Bestellung, um ihren Weg zu sehen, oder einen Zustand, um zu lesen, was er tut.",
    flowCount: "{state}. Bestellungen gerade darin: {n}", flowElsewhere: "{n} weitere Bestellungen sind auf dem Weg zur Theke.",
    flowRejected: "Abgelehnt.", flowError: "Fehler: {error}",
    "execution.running": "Sie ist in „{state}“.", "execution.succeeded": "Sie ist am Ende angekommen.",
    "execution.failed": "Sie ist in „{state}“ abgebrochen.", "execution.aborted": "Sie wurde in „{state}“ gestoppt.", "execution.timed out": "Ihre Zeit war in „{state}“ um.",
    "execution.unknown": "Ihr Weg ist nicht bekannt: Step Functions behält ihn höchstens 90 Tage, und zu dem einer ungültigen Bestellung führt nichts.",
  },
};
