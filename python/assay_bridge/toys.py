"""Trains a user's entry on toy problems, and calls its functions.

What passes between this process and Assay stands in src/cli/toys/job.ts.
"""

import json
import pathlib

from .asking import Asker
from .calls import answers_to, call_names, functions_in, question_tensors
from .checkpoints import Checkpoints, finite, named_in_set
from .data import read_job, read_questions, read_training_data
from .entry import check_keys, entry_of, find, make_model
from .problem import Problem
from .protocol import Failure
from .tensors import read_tensors, write_tensors
from .training import Task, loss_for, train_entry

FITTING_ROWS = 2


def run(command, folder, channel):
    """Carries out one job, and gives the exit code of the process."""

    def emit(event, **content):
        channel.write(json.dumps({"event": event, **content}, allow_nan=False) + "\n")
        channel.flush()

    try:
        COMMANDS[command](pathlib.Path(folder), emit)
    except Failure as failure:
        emit("failed", **complaint(failure))
        return 2
    return 0


def train(folder, emit):
    """Trains an entry on the problem of a folder, and writes what it then says."""
    job = read_job(folder)
    problem = Problem(job["problem"])
    library = training_library()
    data = read_training_data(folder, problem, job["steps"], library)
    questions = read_questions(folder, problem, library)
    curve = questions.pop("curve")
    entry, model = started(job, problem, library, emit)
    asker = Asker(library, problem, entry.file)

    def inputs_of(step):
        return library.rows(data[0], step * problem.batch, (step + 1) * problem.batch)

    own_steps = None if entry.train is None else inputs_of
    checkpoints = Checkpoints(folder, job["checkpoints"], asker, curve, emit, own_steps)

    def at_step(step, loss=None):
        checkpoints.reach(model, step, loss)

    # Before there is an optimizer, since modules may make their parameters when they are asked for the first time.
    at_step(0)
    task = Task(data, job, asker, at_step)
    if job["inspect"]:
        emit_inspection(entry, model, task, asker, emit)
    start = library.snapshot(model)
    trained = train_entry(entry, model, task, asker)
    # A training that gives back another model may have left this one alone.
    moves = {"still": library.unmoved(model, start)} if trained is model else {}
    if task.cosine is not None:
        moves["cosine"] = task.cosine
    if task.reported != task.steps:
        emit("note", message=f"`train` reported {task.reported} steps where {task.steps} were to be made")
    answers = {}
    # What `train` gives may be a function that calls the model.
    with library.asking(model):
        for number, (name, inputs) in enumerate(questions.items()):
            # A model that draws numbers in evaluation draws others for every question, which probes look for.
            library.seed(number)
            answers |= named_in_set(name, asker.answers(trained, inputs))
        first, audit = first_batch(entry, trained, task, asker)
    write_tensors(folder / "answers.safetensors", answers | named_in_set("train", first))
    emit("done", brings=entry.brings, **audit, **moves)


def started(job, problem, library, emit):
    """The entry, and its model before training."""
    entry = entry_of(loaded(job, library))
    emit("loaded")
    if library.is_model(entry.model):
        emit("note", message="the entry is a model, not what makes one: its start is the same for every seed")
    library.seed(job["seed"])
    return entry, make_model(entry, problem, library)


def loaded(job, library):
    """What the entry names."""
    library.use_one_thread()
    # What the file makes when it is loaded is the same in every run.
    library.seed(0)
    return find(job["entry"], library)


def emit_inspection(entry, model, task, asker, emit):
    """Tells gradients and slopes of the loss of the first batch."""
    inputs, targets = next(task.batches())
    parameters = asker.library.inspected(
        model, lambda other: loss_for(entry, asker, asker.outputs(other, inputs), targets)
    )
    if parameters is not None:
        emit("inspected", parameters=parameters)


def certify(folder, emit):
    """Answers with every set of weights put into the entry's model."""
    job = read_job(folder)
    problem = Problem(job["problem"])
    library = training_library()
    evaluation = read_questions(folder, problem, library)["evaluation"]
    sets = weights_by_set(folder / "weights.safetensors", library)
    entry, model = started(job, problem, library, emit)
    asker = Asker(library, problem, entry.file)
    answers = {}
    for number in range(job["count"]):
        library.put(model, sets[str(number)])
        answers |= named_in_set(str(number), asker.answers(model, evaluation))
    write_tensors(folder / "answers.safetensors", answers)
    emit("done", brings=entry.brings)


def weights_by_set(path, library):
    sets = {}
    for place, raw in read_tensors(path).items():
        number, _, name = place.partition("/")
        sets.setdefault(number, {})[name] = library.from_raw(raw, whole=False)
    return sets


def first_batch(entry, model, task, asker):
    """Answers to the first batch, and what the entry's own loss says of them."""
    inputs, targets = next(task.batches())
    with asker.library.asking(model):
        outputs = asker.outputs(model, inputs)
        audit = {}
        if entry.loss is not None:
            audit = {"audit": finite(asker.library.number(loss_for(entry, asker, outputs, targets)))}
        named = asker.named(outputs, task.problem.batch)
    return {name: asker.library.to_raw(output) for name, output in named.items()}, audit


def fit(folder, emit):
    """Tells which functions the entry brings, and for several problems whether it gives a model for them."""
    job = read_job(folder)
    library = training_library()
    found = loaded(job, library)
    check_keys(found, call_names(job["slots"]))
    functions = functions_in(found, job["slots"])
    entry = None if functions and found.member("model") is None else entry_of(found)
    emit("loaded", functions=functions)
    for problem in map(Problem, job["problems"]):
        library.seed(job["seed"])
        why = "the entry brings no model" if entry is None else why_not(entry, problem, library)
        emit("fit", problem=problem.name, **({} if why is None else {"why": why}))
    emit("done", brings=[] if entry is None else entry.brings)


def why_not(entry, problem, library):
    """One line on why the entry gives no model for the problem; None where it does."""
    # A batch that was made up: what any input may hold.
    inputs = [
        library.constant((FITTING_ROWS, *field.shape), (field.count or 0) // 2, field.whole)
        for field in problem.inputs
    ]
    try:
        Asker(library, problem, entry.file).answers(make_model(entry, problem, library), inputs)
    except Failure as failure:
        report = failure.report
        place = f" ({report['file']}:{report['line']})" if "line" in report else ""
        return report["message"].strip().split("\n", 1)[0] + place
    return None


def call(folder, emit):
    """Answers the calls of all functions."""
    job = read_job(folder)
    library = training_library()
    tensors = question_tensors(folder / "questions.safetensors", library)
    found = loaded(job, library)
    emit("loaded")
    for calls in job["calls"]:
        slot = calls["slot"]
        library.seed(job["seed"])
        try:
            answers = answers_to(found, slot, calls["questions"], tensors, library)
        except Failure as failure:
            emit("called", slot=slot, failed=complaint(failure))
            continue
        write_tensors(folder / f"answers-{slot}.safetensors", answers)
        emit("called", slot=slot)
    emit("done", brings=[])


def complaint(failure):
    return {key: value for key, value in failure.report.items() if key != "ok"}


COMMANDS = {"toys": train, "toys-certify": certify, "toys-fit": fit, "toys-call": call}


def training_library():
    try:
        from . import pytorch
    except ImportError as error:
        raise Failure("no-library", f"PyTorch can't be imported: {error}") from error
    return pytorch
