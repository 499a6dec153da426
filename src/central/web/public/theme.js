// Sets the kept theme before the first paint. A file of its own because the policy of the page allows no inline script.
try {
  const kept = localStorage.getItem('tapspot.theme');
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept;
} catch {
  // Storage may be forbidden; the system's preference then decides.
}
