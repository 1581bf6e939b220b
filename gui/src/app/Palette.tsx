import { Command as Cmdk } from 'cmdk'
import { commands } from '@/app/commands'
import { keyNames } from '@/app/keyNames'
import { nameOf, regionList } from '@/model/document'
import { canConnect, connect, connectToName } from '@/model/edits/regions'
import { printAddress } from '@/model/plan'
import { currentCatalog } from '@/store/catalog'
import { currentDocument, edit } from '@/store/document'
import { currentSelection, openWindow, seek } from '@/store/view'
import { Dialog } from '@/ui/Dialog'
import styles from '@/app/Palette.module.css'

const close = () => openWindow(null)

/** Things to choose by a few letters: commands and regions, or whom to connect to. */
export default function Palette({ connects }: { readonly connects: boolean }) {
  return connects ? <ConnectPalette /> : <CommandPalette />
}

/** Every command, and every region. */
function CommandPalette() {
  const all = commands().filter(({ id }) => id !== 'commands')
  const groups = [...new Set(all.map(({ group }) => group))]
  const choose = (run: () => void) => () => {
    close()
    run()
  }
  return (
    <Window title="Commands" placeholder="Find a command or a region">
      {groups.map((group) => (
        <Cmdk.Group key={group} heading={group}>
          {all
            .filter((command) => command.group === group)
            .map(({ id, title, icon: Icon, keys, run }) => (
              <Cmdk.Item key={id} value={`${title} ${id}`} onSelect={choose(run)}>
                <Icon size={15} aria-hidden />
                {title}
                {keys?.[0] && <kbd>{keyNames(keys[0])}</kbd>}
              </Cmdk.Item>
            ))}
        </Cmdk.Group>
      ))}
      <Cmdk.Group heading="Regions of this plan">
        {regionList(currentDocument()).map(({ id, name }) => (
          <Cmdk.Item key={id} value={`${name} ${id}`} onSelect={choose(() => seek(id))}>
            {name || 'no name'}
          </Cmdk.Item>
        ))}
      </Cmdk.Group>
    </Window>
  )
}

/** Whom the selected region is to be connected to. */
function ConnectPalette() {
  const document = currentDocument()
  const from = currentSelection().regions[0] ?? ''
  const address = printAddress(document.postmaster)
  const targets = regionList(document).filter(({ id }) =>
    canConnect(document, from, id, currentCatalog()),
  )
  const link = (change: () => void) => () => {
    close()
    change()
    seek(from)
  }
  return (
    <Window
      title={`Connect ${nameOf(document, from)} to`}
      placeholder="Type the name of a region, Enter connects"
    >
      {targets.map(({ id, name }) => (
        <Cmdk.Item
          key={id}
          value={`${name} ${id}`}
          onSelect={link(() => edit((now) => connect(now, from, id)))}
        >
          {name || 'no name'}
        </Cmdk.Item>
      ))}
      <Cmdk.Item
        value={address}
        onSelect={link(() => edit((now) => connectToName(now, from, address)))}
      >
        {address} <span className={styles.note}>what it sends there is printed</span>
      </Cmdk.Item>
    </Window>
  )
}

interface WindowProps {
  readonly title: string
  readonly placeholder: string
  readonly children: React.ReactNode
}

function Window({ title, placeholder, children }: WindowProps) {
  return (
    <Dialog title={title} onClose={close}>
      <Cmdk label={title} className={styles.palette} loop>
        <Cmdk.Input data-first placeholder={placeholder} className={styles.input} />
        <Cmdk.List className={styles.list}>
          <Cmdk.Empty className={styles.empty}>Nothing of that name.</Cmdk.Empty>
          {children}
        </Cmdk.List>
      </Cmdk>
    </Dialog>
  )
}
