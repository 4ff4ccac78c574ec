// Where pixels lie in Compare. Pure: picture pixels on one side, CSS pixels of the stage on the other.

/** @typedef {{ width: number, height: number }} Size */
/** @typedef {{ x: number, y: number }} Point */
/** @typedef {"fit" | "100" | "200"} Zoom */
/** @typedef {{ picture: Size, stage: Size, zoom: Zoom, centre: Point, ratio: number }} Sight  `ratio`: device pixels per CSS pixel */

/** CSS pixels per picture pixel; 100 % is one device pixel for each. @param {Sight} sight */
export function cssScale({ picture, stage, zoom, ratio }) {
  if (zoom !== "fit") return (zoom === "200" ? 2 : 1) / ratio;
  if (picture.width <= 0 || picture.height <= 0) return 1;
  return Math.min(stage.width / picture.width, stage.height / picture.height, 1);
}

/** The centre that shows no more emptiness than needed. @param {Sight} sight @returns {Point} */
export function clamped(sight) {
  const scale = cssScale(sight);
  return {
    x: along(sight.centre.x, sight.picture.width, sight.stage.width / scale),
    y: along(sight.centre.y, sight.picture.height, sight.stage.height / scale),
  };
}

/** @param {number} centre @param {number} length @param {number} seen */
function along(centre, length, seen) {
  if (seen >= length) return length / 2;
  return Math.min(Math.max(centre, seen / 2), length - seen / 2);
}

/** Where a part of the picture lies on the stage. @param {Sight} sight @param {{ x: number, y: number, width: number, height: number }} part */
export function placed(sight, part) {
  const scale = cssScale(sight);
  const centre = clamped(sight);
  // On whole device pixels, or 100 % would be blurred.
  const snap = (/** @type {number} */ value) => Math.round(value * sight.ratio) / sight.ratio;
  return {
    left: snap(sight.stage.width / 2 + (part.x - centre.x) * scale),
    top: snap(sight.stage.height / 2 + (part.y - centre.y) * scale),
    width: part.width * scale,
    height: part.height * scale,
  };
}

/** The part of the picture that is seen, in whole picture pixels. @param {Sight} sight */
export function visible(sight) {
  const scale = cssScale(sight);
  const centre = clamped(sight);
  const left = Math.max(0, Math.floor(centre.x - sight.stage.width / scale / 2));
  const top = Math.max(0, Math.floor(centre.y - sight.stage.height / scale / 2));
  const right = Math.min(sight.picture.width, Math.ceil(centre.x + sight.stage.width / scale / 2));
  const bottom = Math.min(sight.picture.height, Math.ceil(centre.y + sight.stage.height / scale / 2));
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}
