import { Plus, Trash2, X } from 'lucide-react'
import { nameOf, regionList, type Connection, type Region } from '@/model/document'
import {
  canConnect,
  changeRegion,
  changeType,
  connect,
  connectToName,
  disconnect,
  setConnectionTask,
  setParameter,
  type RegionFields,
} from '@/model/edits/regions'
import { printAddress } from '@/model/plan'
import { ParameterField } from '@/inspector/ParameterField'
import { PlacementForm } from '@/inspector/PlacementForm'
import { RulesForm } from '@/inspector/RulesForm'
import { deleteSelection } from '@/store/actions'
import { currentCatalog, useCatalog } from '@/store/catalog'
import { currentDocument, edit, endGesture, useDocument } from '@/store/document'
import { useRegionHealth } from '@/store/health'
import { useProblems } from '@/store/problems'
import { IconButton } from '@/ui/Button'
import { SelectField, TextArea, TextField } from '@/ui/Field'
import { HealthNotes } from '@/ui/HealthNotes'
import { Menu } from '@/ui/Menu'
import { Section } from '@/ui/Section'
import styles from '@/inspector/Form.module.css'

interface RegionProps {
  readonly region: Region
}

/** A region: what it is called, what it is to do, whom it writes to, how it is run and where. */
export function RegionForm({ region }: RegionProps) {
  const { id, type: typeName } = region
  const type = useCatalog((state) => state.catalog[typeName])
  const rules = useDocument(
    ({ document }) => document.steps.filter((rule) => rule.region === id).length,
  )
  const placed = useDocument((state) => id in state.document.placement)
  const connects = type?.connects ?? true
  return (
    <form className={styles.form} onSubmit={(event) => event.preventDefault()}>
      <Basics region={region} />
      {connects && <Connections region={region} />}
      {type && type.resources.length + type.parameters.length > 0 && (
        <Section title="Settings">
          {type.resources.map((kind) => (
            <ResourceField key={kind} region={region} kind={kind} />
          ))}
          {type.parameters.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              value={region.parameters[parameter.name]}
              onDone={endGesture}
              onChange={(value) =>
                edit(
                  (now) => setParameter(now, id, parameter.name, value),
                  `${id} ${parameter.name}`,
                )
              }
            />
          ))}
        </Section>
      )}
      <Section title="Step policies" open={rules > 0} note={rules > 0 ? String(rules) : 'default'}>
        <RulesForm region={id} />
      </Section>
      <Section title="Placement" open={placed} note={placed ? '' : 'anywhere'}>
        <PlacementForm region={id} />
      </Section>
    </form>
  )
}

function Basics({ region }: RegionProps) {
  const { id, name, type, task } = region
  const catalog = useCatalog((state) => state.catalog)
  const problem = useProblems(({ problems }) =>
    problems.find(
      ({ place, where }) =>
        place.kind === 'region' && place.region === id && where.endsWith('.name'),
    ),
  )
  const change = (fields: RegionFields) =>
    edit((now) => changeRegion(now, id, fields), `${id} ${Object.keys(fields).join()}`)
  const types = Object.keys(catalog).map((value) => ({ value, text: value }))
  const known = type in catalog ? types : [{ value: type, text: `${type} (unknown)` }, ...types]
  return (
    <>
      <div className={styles.head}>
        <h2 className={styles.title}>Region</h2>
        <IconButton icon={Trash2} label="Delete the region" onClick={deleteSelection} />
      </div>
      <RegionHealth region={region} />
      <TextField
        label="Name"
        name="region-name"
        value={name}
        problem={problem?.message}
        onChange={(value) => change({ name: value })}
        onDone={endGesture}
      />
      <SelectField
        label="Type"
        value={type}
        options={known}
        hint={catalog[type]?.summary}
        onChange={(value) => edit((now) => changeType(now, id, value, currentCatalog()))}
      />
      {(catalog[type]?.connects ?? true) && (
        <TextArea
          label="Task"
          value={task}
          placeholder="What it is to do, and what others may ask it."
          onChange={(value) => change({ task: value })}
          onDone={endGesture}
        />
      )}
    </>
  )
}

function Connections({ region }: RegionProps) {
  const document = useDocument((state) => state.document)
  const address = printAddress(document.postmaster)
  const prints = region.connections.some(({ to }) => nameOf(document, to) === address)
  const items = [
    ...regionList(document)
      .filter(({ id }) => canConnect(document, region.id, id, currentCatalog()))
      .map(({ id, name }) => ({
        label: name || 'no name',
        run: () => edit((now) => connect(now, region.id, id)),
      })),
    ...(prints
      ? []
      : [
          {
            label: `${address} (printed)`,
            run: () => edit((now) => connectToName(now, region.id, address)),
          },
        ]),
  ]
  return (
    <Section title="Connections" note={String(region.connections.length)}>
      {region.connections.map((connection) => (
        <ConnectionField key={connection.to} from={region.id} connection={connection} />
      ))}
      <Menu label="Connect to" look="plain" items={items}>
        <Plus size={14} aria-hidden /> Connect to…
      </Menu>
    </Section>
  )
}

function ConnectionField({ from, connection }: { from: string; connection: Connection }) {
  const name = useDocument((state) => nameOf(state.document, connection.to))
  return (
    <div className={styles.row}>
      <TextField
        label={`→ ${name}`}
        value={connection.task}
        placeholder="What it is told of that region"
        onChange={(task) =>
          edit(
            (now) => setConnectionTask(now, from, connection.to, task),
            `${from} ${connection.to}`,
          )
        }
        onDone={endGesture}
      />
      <IconButton
        icon={X}
        label={`Disconnect from ${name}`}
        onClick={() => edit((now) => disconnect(now, from, connection.to))}
      />
    </div>
  )
}

function RegionHealth({ region }: RegionProps) {
  const document = useDocument((state) => state.document)
  return <HealthNotes healths={useRegionHealth(region, document)} />
}

const resourceLabels = { llm: 'Model', rag: 'Store' }

function ResourceField({ region, kind }: RegionProps & { kind: 'llm' | 'rag' }) {
  const names = useDocument((state) => state.document.resources[kind])
  return (
    <TextField
      label={resourceLabels[kind]}
      value={region[kind]}
      list={['default', ...Object.keys(names ?? {})]}
      hint="A name from this plan's resources, or from the machine's own config."
      onChange={(value) =>
        edit((now) => changeRegion(now, region.id, { [kind]: value }), `${region.id} ${kind}`)
      }
      onDone={() => {
        if (currentDocument().regions[region.id]?.[kind] === '') {
          edit((now) => changeRegion(now, region.id, { [kind]: 'default' }))
        }
        endGesture()
      }}
    />
  )
}
