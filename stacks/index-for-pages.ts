/**
 * Runs in CloudFront before the cache is asked: the one page answers every path that is not a file, whose last part has
 * a dot. A custom error page would do the same, and put the page in place of the API's own 404 too.
 */
export const indexForPages = `function handler(event) {
  var request = event.request;
  if (!request.uri.split('/').pop().includes('.')) request.uri = '/index.html';
  return request;
}`;
