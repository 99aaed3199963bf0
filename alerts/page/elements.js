/** Elements: HTML made from data, never from strings. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element.
 * @param {string} tag Tag name, with classes after dots: `p.muted`.
 * @param {object} properties Attributes; `onclick` and the like are listeners; false and null are left out.
 * @param {...(Node|string|null|Array)} children Text is text, never markup.
 */
export function el(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An icon of icons/icons.svg; it says nothing to a screen reader, so a word always stands beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/page/icons/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Sets an element's text only if it differs, so that nothing is announced or repainted for nothing. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Builds a part of the page again only when what it shows has changed, so that a poll never takes away what a
 * finger is on.
 * @param {HTMLElement} place The element whose children are the part.
 * @param {*} data What the part shows; compared as JSON.
 * @param {function(): Array<Node|null>} build Makes the children.
 */
export function refresh(place, data, build) {
  const shown = JSON.stringify(data);
  if (place.shown === shown) return;
  place.shown = shown;
  place.replaceChildren(...build().flat(2).filter(Boolean));
}
