"""A line or two to begin from, for each command: they end its help. tests/jobs/commands/test_options.py has each one parsed."""

import typer

EXAMPLES = {
    "sample": ("winnow sample crawl",),
    "curate": (
        "winnow curate crawl --output corpus",
        "winnow curate cc:CC-MAIN-2026-42 --files 8 --output corpus --recipe fineweb --set rules.gopher_short_doc.minimum=80",
    ),
    "ingest": ("winnow ingest crawl --output corpus",),
    "measure": ("winnow measure corpus --plugin keywords.py --set 'plugins.measures=[\"keyword_share\"]'",),
    "filter": ("winnow filter corpus --set rules.gopher_short_doc.minimum=80",),
    "detect": ("winnow detect corpus --plugin projects.py --set 'detectors.functions=[\"project_names\"]'",),
    "scan": ("winnow scan corpus", "winnow scan --documents pages.jsonl --output findings.jsonl"),
    "dedup": ("winnow dedup corpus --set duplicates.min_similarity=0.8",),
    "repeats": ("winnow repeats corpus --set repeats.host_pages=20", "winnow repeats corpus --again"),
    "select": ("winnow select corpus --set select.max_per_host=1000",),
    "tokenizer": ("winnow tokenizer corpus --set tokenizer.vocabulary_size=32768",),
    "shard": ("winnow shard corpus --set shards.validation_share=0.01",),
    "report": ("winnow report corpus",),
    "recipe": ("winnow recipe fineweb", "winnow recipe corpus"),
    "fetch": ("winnow fetch CC-MAIN-2026-42 dump --files 10 --sample 1",),
    "explain": (
        "winnow explain corpus http://www.almanac.example/bread.html",
        'winnow explain corpus --quoted "eight words or more of what somebody has read there"',
    ),
    "trace": ("winnow trace corpus --shard 0 --token 1000", "winnow trace corpus --url http://www.almanac.example/bread.html"),
    "status": ("winnow status corpus",),
    "verify": ("winnow verify corpus", "winnow verify corpus/takedowns/REQUEST/certificate.json"),
    "inspect": ("winnow inspect corpus --port 8080", "winnow inspect corpus --with other"),
    "diff": ("winnow diff corpus other --html diff.html",),
    "card": ("winnow card corpus --output card --answers answers.toml",),
    "export": (
        "winnow export corpus --format megatron --output megatron",
        "winnow export a b --weights 3,1 --format llm.c --output mixed",
        "winnow export run --format hf --output model",
    ),
    "quality train": ("winnow quality train --good good.jsonl --bad bad.jsonl --output mine.json",),
    "quality labels": ("winnow quality labels corpus --output labels",),
    "quality evaluate": ("winnow quality evaluate mine.json --labels labels.jsonl",),
    "train": (
        "winnow train corpus --output run --steps 500",
        "winnow train corpus --output run --model small --set learning_rate=0.01",
    ),
    "ablate": ("winnow ablate raw filtered deduplicated --output runs", "winnow ablate corpus --rules all --output runs"),
    "plan": (
        "winnow plan --model gpt2 --flops 1e19 --price 2",
        "winnow plan --crawl corpus --dump 3e9 --price 0.04 --currency EUR",
    ),
    "generate": (
        'winnow generate run --prompt "The " --max-tokens 40',
        'winnow generate answers --chat --prompt "What is 3 + 4?"',
    ),
    "evaluate": ("winnow evaluate run", "winnow evaluate run --choices choices.jsonl --shots 2"),
    "finetune": (
        "winnow finetune run --method sft --data answers.jsonl --output answers",
        "winnow finetune answers --method dpo --data pairs.jsonl --adapter lora --output preferred",
    ),
    "quantise": ("winnow quantise run --bits 4 --output run-4bit",),
    "serve": ("winnow serve answers --port 8017",),
    "audit": ("winnow audit run", "winnow audit run --oracle oracle --texts texts.jsonl"),
    "experiment": ("winnow experiment docs/experiments/canaries.toml --output canaries",),
    "takedown": (
        "winnow takedown corpus --url http://fieldnotes.example/gears.html --dry-run",
        "winnow takedown corpus --list requests.txt --case 2026-115 --run run --oracle",
    ),
    "warm": ("winnow warm", "winnow warm --archive kernels.tar.gz"),
}


def epilog(name: str) -> str:
    """As Click writes it: the first line keeps the others from being filled up."""
    lines = EXAMPLES.get(name, ())
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {one}" for one in lines)]) if lines else ""


def add_examples(app: typer.Typer, before: str = "") -> None:
    """To every command of an app and of the groups in it."""
    for command in app.registered_commands:
        own = command.name or (command.callback.__name__ if command.callback else "")
        command.epilog = epilog(f"{before}{own}") or None
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add_examples(group.typer_instance, f"{before}{group.name} " if isinstance(group.name, str) else before)
