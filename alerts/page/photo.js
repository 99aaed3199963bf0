/** Photo: made small enough for a weak signal before it is sent. */

const LONGEST_PX = 1600;
const QUALITY = 0.8;

/**
 * The photo as a JPEG of at most 1600 px, turned the right way up; about 300 kB instead of 4 MB.
 * @param {Blob} file Whatever the camera or the gallery gave.
 * @throws {Error} The browser cannot read it.
 */
export async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no JPEG'))), 'image/jpeg', QUALITY);
  });
}
