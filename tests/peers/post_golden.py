"""Losses and gradients of TRL and PEFT on the cases of post_cases.py, as numbers for tests/model/post/test_golden.py.

python -m venv peers && peers/bin/pip install trl==1.16.0 peft==0.21.2
PYTHONPATH=. python -m tests.peers.post_golden export FOLDER      (ours: writes both models)
peers/bin/python tests/peers/post_golden.py FOLDER                (theirs: prints the numbers)
"""

import json
import sys
from pathlib import Path

PAIRS = [
    ([5, 9, 17], [21, 33, 4], [50, 3]),
    ([7, 7], [8, 9, 10, 11, 12], [60, 61, 13]),
    ([40, 2, 30, 31], [6], [19, 22, 23, 24]),
]
ANSWERS = [([5, 9, 17], [21, 33, 4, 0]), ([5, 9, 17], [50, 3, 0]), ([7, 7], [8, 9, 10, 0]), ([7, 7], [60, 0])]
REWARDS = [1.0, 0.0, 0.25, 0.75]
WATCHED = ("embed_tokens.weight", "layers.0.self_attn.q_proj.weight", "layers.1.mlp.down_proj.weight")


def export(folder: Path) -> None:
    from model.export_hf import export_hf
    from tests.peers.post_cases import END, models

    for name, model in zip(("policy", "reference"), models(), strict=True):
        export_hf(model, folder / name, context=64, end_of_text=END)


def main(folder: Path) -> None:
    import torch
    from datasets import Dataset
    from peft import LoraConfig, PrefixTuningConfig, get_peft_model
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
    from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

    words = Tokenizer(models.WordLevel({f"t{n:02d}": n for n in range(64)}, unk_token="t63"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="t00", pad_token="t01")
    text = lambda ids: "".join(f"t{one:02d} " for one in ids)  # noqa: E731
    load = lambda name: AutoModelForCausalLM.from_pretrained(folder / name, dtype=torch.float32)  # noqa: E731
    common = {"output_dir": str(folder / "out"), "report_to": [], "per_device_train_batch_size": 3, "use_cpu": True,
              "bf16": False, "gradient_checkpointing": False}  # fmt: skip

    def found(model, loss, watched=WATCHED):
        loss.backward()
        norms = {name: float(w.grad.norm()) for name, w in model.named_parameters() for one in watched if name.endswith(one)}
        return {"loss": float(loss.detach()), "norms": norms}

    def of(trainer):
        trainer.model.train()
        for module in trainer.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        batch = next(iter(trainer.get_train_dataloader()))
        return found(trainer.model, trainer.compute_loss(trainer.model, batch))

    result = {}
    rows = [{"prompt": text(p), "completion": text(c)} for p, c, _ in PAIRS]
    result["sft"] = of(SFTTrainer(load("policy"), SFTConfig(**common, max_length=64), train_dataset=Dataset.from_list(rows),
                                  processing_class=tokenizer))  # fmt: skip
    pairs = [{"prompt": text(p), "chosen": text(c), "rejected": text(r)} for p, c, r in PAIRS]
    for kind in ("sigmoid", "ipo"):
        settings = DPOConfig(**common, beta=0.1, loss_type=[kind], max_length=64)
        result[kind] = of(DPOTrainer(load("policy"), load("reference"), settings, train_dataset=Dataset.from_list(pairs),
                                     processing_class=tokenizer))  # fmt: skip
    judged = [{"prompt": text(p), "completion": text((c, r)[n % 2]), "label": n % 2 == 0}
              for n, (p, c, r) in enumerate(PAIRS)]  # fmt: skip
    settings = KTOConfig(**common, beta=0.1, max_length=64, desirable_weight=1.0, undesirable_weight=1.0,
                         train_sampling_strategy="sequential")  # fmt: skip
    result["kto"] = of(KTOTrainer(load("policy"), load("reference"), settings, train_dataset=Dataset.from_list(judged),
                                  processing_class=tokenizer))  # fmt: skip
    result["grpo"] = found(*grpo(load("policy"), load("reference"), folder))
    result["lora"] = found(*adapted(get_peft_model(load("policy"), LoraConfig(
        r=4, lora_alpha=8, target_modules=["q_proj", "down_proj"], lora_dropout=0.0))),
        ("layers.0.self_attn.q_proj.lora_A.default.weight", "layers.1.mlp.down_proj.lora_B.default.weight"))  # fmt: skip
    prefix = get_peft_model(load("policy"), PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3))
    with torch.no_grad():
        weights = prefix.prompt_encoder["default"].embedding.weight
        weights.copy_(torch.linspace(-1, 1, weights.numel()).view_as(weights))
    result["prefix"] = found(*adapted(prefix), ("embedding.weight",))
    print(json.dumps(result, indent=1))


def adapted(model):
    """(model, its mean loss of one answer); LoRA's matrices are set to steps from -1 to 1."""
    import torch

    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if "lora_" in name:
                weight.copy_(torch.linspace(-0.1, 0.1, weight.numel()).view_as(weight))
    prompt, answer, _ = PAIRS[1]
    ids = torch.tensor([[*prompt, *answer, 0]])
    labels = ids.clone()
    labels[0, : len(prompt)] = -100
    return model, model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss


def grpo(policy, reference, folder):
    """TRL's own loss on answers that are given."""
    import torch
    from datasets import Dataset
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    from trl import GRPOConfig, GRPOTrainer

    words = Tokenizer(models.WordLevel({f"t{n:02d}": n for n in range(64)}, unk_token="t63"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="t00", pad_token="t01")
    settings = GRPOConfig(output_dir=str(folder / "out"), report_to=[], use_cpu=True, bf16=False, beta=0.04, loss_type="grpo",
                          num_generations=2, per_device_train_batch_size=4, gradient_checkpointing=False,
                          temperature=1.0)  # fmt: skip
    trainer = GRPOTrainer(policy, reward_funcs=lambda **_: [0.0], args=settings, processing_class=tokenizer,
                          train_dataset=Dataset.from_list([{"prompt": "t05"}] * 4))  # fmt: skip
    longest_prompt, longest = max(len(p) for p, _ in ANSWERS), max(len(c) for _, c in ANSWERS)
    prompts = torch.tensor([[1] * (longest_prompt - len(p)) + p for p, _ in ANSWERS])
    answers = torch.tensor([c + [1] * (longest - len(c)) for _, c in ANSWERS])
    prompt_mask = torch.tensor([[0] * (longest_prompt - len(p)) + [1] * len(p) for p, _ in ANSWERS])
    answer_mask = torch.tensor([[1] * len(c) + [0] * (longest - len(c)) for _, c in ANSWERS])
    rewards = torch.tensor(REWARDS).view(-1, 2)
    advantages = ((rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + 1e-4)).flatten()
    ids, mask = torch.cat([prompts, answers], 1), torch.cat([prompt_mask, answer_mask], 1)
    with torch.no_grad():
        logits = reference(input_ids=ids, attention_mask=mask).logits[:, longest_prompt - 1 : -1].log_softmax(-1)
        before = logits.gather(2, answers[..., None])[..., 0]
    inputs = {"prompt_ids": prompts, "prompt_mask": prompt_mask, "completion_ids": answers, "completion_mask": answer_mask,
              "advantages": advantages, "ref_per_token_logps": before, "num_items_in_batch": answer_mask.sum()}  # fmt: skip
    trainer.model.train()
    trainer.current_gradient_accumulation_steps = 1
    return trainer.model, trainer.compute_loss(trainer.model, inputs)


if __name__ == "__main__":
    export(Path(sys.argv[2])) if sys.argv[1] == "export" else main(Path(sys.argv[1]))
