/** Status codes of some requests, one after the other, each on a connection of its own. */
export async function statusesOf(url, count) {
  const statuses = [];
  while (statuses.length < count) {
    const response = await fetch(url, { headers: { connection: 'close' } });
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}
