"""Trains a user's entry on toy problems, and calls its functions.

What passes between this process and Assay stands in src/cli/toys/job.ts.
"""

import json
import pathlib

from .asking import Asker
from .calls import answers_to, call_names, functions_in, question_tensors
from .checkpoints import Checkpoints, finite, named_in_set
from .data import read_job, read_questions, read_training_data
from .entry import check_keys, entry_of, make_model
from .libraries import loaded
from .loading import run_user_code
from .problem import Problem
from .protocol import Failure
from .tensors import read_tensors, write_tensors
from .training import Task, loss_for, train_entry, trained


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
    entry, model, asker = started(job, problem, emit)
    library = asker.library
    data = read_training_data(folder, problem, job["steps"], library)
    questions = read_questions(folder, problem, library)
    curve = questions.pop("curve")

    def inputs_of(step):
        return library.rows(data[0], step * problem.batch, (step + 1) * problem.batch)

    own_steps = None if entry.train is None else inputs_of
    checkpoints = Checkpoints(folder, job["checkpoints"], asker, curve, emit, own_steps)

    def at_step(step, loss=None, said=None):
        if checkpoints.asks(step):
            checkpoints.reach(model if entry.train is None or step == 0 else trained(model, said, asker), step, loss)

    # Before there is an optimizer, since modules may make their parameters when they are asked for the first time.
    at_step(0)
    task = Task(data, job, asker, at_step)
    if job["inspect"]:
        emit_inspection(entry, model, task, asker, emit)
    start = library.snapshot(model)
    final = train_entry(entry, model, task, asker)
    # A training that gives back another model may have left this one alone.
    moves = {"still": library.unmoved(model, start)} if final is model else {}
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
            answers |= named_in_set(name, asker.answers(final, inputs))
        first, audit = first_batch(entry, final, task, asker)
    write_tensors(folder / "answers.safetensors", answers | named_in_set("train", first))
    emit("done", brings=entry.brings, **audit, **moves)


def started(job, problem, emit):
    """The entry, its model before training, and who asks it."""
    found, library = loaded(job["entry"])
    entry = entry_of(found, library)
    emit("loaded")
    if library.is_model(entry.model) and library.starts_alike(entry.model):
        emit("note", message="the entry is a model, not what makes one: its start is the same for every seed")
    library.seed(job["seed"])
    model = make_model(entry, problem, library, job["seed"])
    asker = asker_for(entry, problem, library)
    if asker.adapter is not None:
        asker.fit(model)
        for message in asker.adapter.notes:
            emit("note", message=message)
    return entry, model, asker


def asker_for(entry, problem, library):
    """A given model is adapted to the problem, where its outputs meet no code of the user's."""
    given = library.is_model(entry.model) and entry.loss is None and entry.train is None
    return Asker(library, problem, entry.file, adapts=given)


def emit_inspection(entry, model, task, asker, emit):
    """Tells gradients and slopes of the loss of the first batch."""
    inputs, targets = next(task.batches())

    def loss_of(other):
        return loss_for(entry, asker, asker.outputs(other, inputs), targets)

    # Gradients come out of the user's code, too.
    parameters = run_user_code(entry.file, lambda: asker.library.inspected(model, loss_of))
    if parameters is not None:
        emit("inspected", parameters=parameters)


def certify(folder, emit):
    """Answers with every set of weights put into the entry's model."""
    job = read_job(folder)
    problem = Problem(job["problem"])
    entry, model, asker = started(job, problem, emit)
    library = asker.library
    evaluation = read_questions(folder, problem, library)["evaluation"]
    sets = weights_by_set(folder / "weights.safetensors", library)
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
    found, library = loaded(job["entry"])
    library.hurry()
    check_keys(found, call_names(job["slots"]))
    functions = functions_in(found, job["slots"])
    entry = None if functions and found.member("model") is None else entry_of(found, library)
    emit("loaded", functions=functions)
    for problem in map(Problem, job["problems"]):
        library.seed(job["seed"])
        why = "the entry brings no model" if entry is None else why_not(entry, problem, library, job["seed"])
        emit("fit", problem=problem.name, **({} if why is None else {"why": why}))
    emit("done", brings=[] if entry is None else entry.brings)


def why_not(entry, problem, library, number):
    """One line on why the entry gives no model for the problem; None where it does."""
    try:
        asker_for(entry, problem, library).fit(make_model(entry, problem, library, number))
    except Failure as failure:
        report = failure.report
        place = f" ({report['file']}:{report['line']})" if "line" in report else ""
        return report["message"].strip().split("\n", 1)[0] + place
    return None


def call(folder, emit):
    """Answers the calls of all functions."""
    job = read_job(folder)
    found, library = loaded(job["entry"])
    tensors = question_tensors(folder / "questions.safetensors", library)
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
