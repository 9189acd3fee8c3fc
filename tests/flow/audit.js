// What a reader, a screen reader and an attacker would find in a rendered page; runs inside it.
const ELEMENTS = new Set(("HTML HEAD META TITLE STYLE BODY A HEADER MAIN FOOTER NAV SECTION DIV H1 H2 H3 H4 H5 H6 P SPAN UL OL LI DL DT DD "
  + "TABLE CAPTION THEAD TBODY TFOOT TR TH TD FIGURE FIGCAPTION IMG OBJECT PRE BR SUB SUP INS DEL").split(" "));
const ATTRIBUTES = new Set(("id class lang href rel download src alt data type scope colspan rowspan tabindex role aria-label aria-labelledby "
  + "charset name content http-equiv").split(" "));
const all = [...document.querySelectorAll("*")];
const name = (element) => `${element.tagName}${element.id ? "#" + element.id : ""}`;

const unsafe = [];
for (const element of all) {
  if (!ELEMENTS.has(element.tagName)) unsafe.push(`element ${name(element)}`);
  for (const attribute of element.attributes) {
    if (!ATTRIBUTES.has(attribute.name)) unsafe.push(`attribute ${name(element)} ${attribute.name}`);
  }
  if (element.tagName === "A") {
    const data = element.hasAttribute("download") && /^data:(application\/(pdf|rtf)|text\/(plain|rtf)|image\/(png|jpeg|gif|tiff));base64,[A-Za-z0-9+/=]*$/;
    const inside = element.getAttribute("href").startsWith("#");
    if (!inside && !["http:", "https:", "mailto:", "tel:"].includes(element.protocol) && !(data && data.test(element.getAttribute("href")))) {
      unsafe.push(`address ${element.getAttribute("href").slice(0, 60)}`);
    }
    if (element.username || element.password) unsafe.push(`user ${element.href}`);
    if (element.protocol.startsWith("http") && element.rel !== "noopener noreferrer") unsafe.push(`rel ${element.href}`);
  }
  if (element.tagName === "IMG" && !/^data:image\/(png|jpeg|gif);base64,[A-Za-z0-9+/=]+$/.test(element.getAttribute("src"))) unsafe.push(`image ${name(element)}`);
  if (element.tagName === "OBJECT" && !/^data:application\/pdf;base64,[A-Za-z0-9+/=]+#[a-zA-Z=&0-9]+$/.test(element.data)) unsafe.push(`object ${name(element)}`);
}

// Nothing of one section may end up outside it.
const body = [...document.body.children].map((e) => e.tagName + (e.className ? "." + e.className : ""));
for (const narrative of document.querySelectorAll(".narrative")) {
  if (!narrative.closest("main > section, .sections > section")) unsafe.push("narrative outside its section");
}
for (const section of document.querySelectorAll(".sections > *")) {
  if (section.tagName !== "SECTION") unsafe.push(`between sections: ${name(section)}`);
}

const barriers = [];
let level = 0;
for (const heading of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
  const next = Number(heading.tagName[1]);
  if (next > level + 1) barriers.push(`heading ${name(heading)} after level ${level}`);
  if (!heading.textContent.trim()) barriers.push(`heading ${name(heading)} is empty`);
  level = next;
}
for (const cell of document.querySelectorAll("th")) if (!cell.scope) barriers.push(`scope ${cell.textContent}`);
for (const image of document.querySelectorAll("img")) if (!image.alt) barriers.push(`alt ${name(image)}`);
for (const object of document.querySelectorAll("object")) if (!object.getAttribute("aria-label")) barriers.push(`name ${name(object)}`);
for (const link of document.querySelectorAll("a")) {
  if (!link.textContent.trim()) barriers.push(`name ${link.href}`);
  const target = link.getAttribute("href");
  if (target.startsWith("#") && !document.getElementById(target.slice(1))) barriers.push(`anchor ${target}`);
}
for (const element of document.querySelectorAll("[aria-labelledby]")) {
  if (!document.getElementById(element.getAttribute("aria-labelledby"))) barriers.push(`name ${name(element)}`);
}
const ids = all.map((element) => element.id).filter(Boolean);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) barriers.push(`id ${id} twice`);

const channels = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
const luminance = ([r, g, b]) => {
  const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const ground = (element) => {
  for (; element; element = element.parentElement) {
    const colour = channels(getComputedStyle(element).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const pale = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || seen.has(element) || seen.size > 3000) continue;
  seen.add(element);
  const [one, two] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
  const contrast = (one + 0.05) / (two + 0.05);
  if (contrast < 4.5) pale.push({ text: texts.currentNode.data.trim().slice(0, 40), contrast });
}

const wide = document.scrollingElement.scrollWidth;
return {
  unsafe: unsafe.slice(0, 20),
  pwned: "pwned" in window,
  body,
  barriers,
  pale,
  scroll_width: wide,
  hostile_fits: wide > innerWidth ? [`${wide} wide`] : [],
  lang: document.documentElement.lang,
  landmarks: document.querySelectorAll("body > header, body > main, body > footer").length,
  h1: document.querySelectorAll("h1").length,
  objects: [...document.querySelectorAll("object")].map(name),
};
