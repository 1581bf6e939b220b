/** The shell: what is on the screen for the address that is open. */
export function App() {
  return (
    <main>
      <h1>Regions</h1>
    </main>
  )
}
