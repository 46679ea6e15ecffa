// What the counter says about the menu, in both languages; {x} is replaced.

export const MENU = {
  en: {
    menu: "Menu", menuHint: "Tap what is sold out, and again when it is there.", menuSoldOut: "Sold out: {name}",
    noMenu: "There is no menu: customers type any drink.", menuEdit: "Edit the menu", menuSave: "Save the menu",
    menuDrinks: "Drinks", menuDrink: "Drink", menuSizes: "Sizes, with commas", menuExtras: "Extras", menuExtrasOf: "Extras, with commas",
    menuGroup: "Group of extras", menuChoose: "A customer takes", menuOne: "one of these", menuAny: "any of these",
    menuAddDrink: "Add a drink", menuAddGroup: "Add extras", menuUp: "Move up: {name}", menuDown: "Move down: {name}", menuRemove: "Remove: {name}",
    menuTwice: "{name} is there twice. Drinks and extras need different names.",
    menuSizeTwice: "The size {name} is there twice.", menuSaved: "Saved.",
    menuComma: "{name}: a drink's name can't have a comma. It stands before sizes and extras.",
    menuEmpty: "Leave at least one drink: without one, nothing can be ordered on the page.",
    menuChanged: "Somebody else has changed the menu meanwhile to: {menu}. What you typed is still here. Save again to replace theirs, or go back.",
  },
  de: {
    menu: "Karte", menuHint: "Tipp an, was ausverkauft ist, und noch einmal, wenn es wieder da ist.", menuSoldOut: "Ausverkauft: {name}",
    noMenu: "Es gibt keine Karte: Gäste tippen irgendein Getränk.", menuEdit: "Karte bearbeiten", menuSave: "Karte speichern",
    menuDrinks: "Getränke", menuDrink: "Getränk", menuSizes: "Größen, mit Kommas", menuExtras: "Extras", menuExtrasOf: "Extras, mit Kommas",
    menuGroup: "Gruppe von Extras", menuChoose: "Ein Gast nimmt", menuOne: "eins davon", menuAny: "beliebig viele",
    menuAddDrink: "Getränk hinzufügen", menuAddGroup: "Extras hinzufügen", menuUp: "Nach oben: {name}", menuDown: "Nach unten: {name}", menuRemove: "Entfernen: {name}",
    menuTwice: "{name} steht zweimal da. Getränke und Extras brauchen verschiedene Namen.",
    menuSizeTwice: "Die Größe {name} steht zweimal da.", menuSaved: "Gespeichert.",
    menuComma: "{name}: Der Name eines Getränks kann kein Komma haben. Es steht vor Größe und Extras.",
    menuEmpty: "Lass mindestens ein Getränk stehen: Ohne eins kann auf der Seite nichts bestellt werden.",
    menuChanged: "Jemand anderes hat die Karte inzwischen geändert: {menu}. Was du getippt hast, steht noch da. Speichere noch einmal, um sie zu ersetzen, oder geh zurück.",
  },
};
