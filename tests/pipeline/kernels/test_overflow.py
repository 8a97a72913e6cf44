"""Whole numbers wrap in a kernel only as uint64: of int64 numba promises LLVM that it never overflows (the flag nsw)."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html.names import mix
from tests.paths import PROJECT

KERNELS = {"kernel", "part", "inlined"}
LARGE = 1000  # a multiplier beyond is that of a hash: sizes and places are multiplied by less
NAME = "".join(map(chr, range(97, 123))) * 8
HASHED = "from tests.pipeline.kernels.test_overflow import NAME, hash_in_a_loop; import numpy as np; {}"
PRINTED = "print(hash_in_a_loop(np.frombuffer(NAME.encode(), np.uint8), 0, len(NAME)))"


@part
def _hash_of(name: np.ndarray, start: int, end: int) -> int:
    h = end - start
    for i in range(start, end):
        h = mix(h, name[i])
    return h


@kernel
def hash_in_a_loop(name: np.ndarray, start: int, end: int) -> int:
    """Of a part within a kernel, and begun by the length: only so it was wrong."""
    return _hash_of(name, start, end)


def hash_by_python(name: str) -> int:
    value = len(name)
    for byte in name.encode():
        value = value * 1_000_003 + byte
    value &= 0xFFFF_FFFF_FFFF_FFFF
    return value - (1 << 64) if value >> 63 else value


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 33, len(NAME)])
def test_a_hash_is_that_of_python_however_often_it_overflows(count: int) -> None:
    assert hash_in_a_loop(np.frombuffer(NAME.encode(), np.uint8), 0, count) == hash_by_python(NAME[:count])


@pytest.mark.parametrize("cpu", ["generic", "skylake", "znver3"])
def test_a_hash_is_the_same_as_compiled_for_another_cpu(cpu: str, tmp_path: Path) -> None:
    """Built of int64 it is the largest integer as compiled for Intel's CPUs from Skylake on, and right for the two others."""
    if cpu != "generic" and not binding.get_host_cpu_features().get("avx2"):
        pytest.skip("needs a CPU with AVX2")
    variables = os.environ | {"NUMBA_CPU_NAME": cpu, "WINNOW_KERNEL_CACHE": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", HASHED.format(PRINTED)], cwd=PROJECT, env=variables, capture_output=True, text=True
    )
    assert found.stdout == f"{hash_by_python(NAME)}\n", found.stderr


def signed_products(source: str) -> Iterator[str]:
    """Products by a large whole number in kernels, that are not masked: int64 can overflow by them."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and {ast.unparse(one) for one in function.decorator_list} & KERNELS:
            masked = {id(one) for node in ast.walk(function) if is_mask(node) for one in ast.walk(node)}
            for node in ast.walk(function):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and id(node) not in masked:
                    factors = [value_of(side, constants) for side in (node.left, node.right)]
                    if any(isinstance(one, int) and abs(one) > LARGE for one in factors):
                        yield f"{function.name}: {ast.unparse(node)}"


def is_mask(node: ast.AST) -> bool:
    """Whether it leaves 31 bits: what is multiplied again has room in 64."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd) and isinstance(node.right, ast.Constant)):
        return False
    return isinstance(node.right.value, int) and 0 <= node.right.value < 1 << 31


def value_of(node: ast.expr, constants: dict[str, object]) -> object:
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    return node.value if isinstance(node, ast.Constant) else None


def test_no_kernel_builds_a_hash_of_signed_numbers() -> None:
    files = [file for package in ("pipeline", "tokenizer") for file in (PROJECT / package).rglob("*.py")]
    found = {file.relative_to(PROJECT).as_posix(): list(signed_products(file.read_text("utf-8"))) for file in files}
    assert {file: products for file, products in found.items() if products} == {}


def test_a_hash_of_signed_numbers_is_found() -> None:
    source = "M = 1_000_003\n@part\ndef f(h, b):\n    return {}\n"
    assert list(signed_products(source.format("h * M + b"))) == ["f: h * M"]
    assert list(signed_products(source.format("(h * 31_337 + b) * 2"))) == ["f: h * 31337"]
    assert not list(signed_products(source.format("(h * M + b) & 0x7FFF"))), "a number below 2^31 times one below 2^32"
    assert list(signed_products(source.format("(h * M + b) & 0x7FFF_FFFF_FFFF"))) == ["f: h * M"], "2^47 times 2^20"
    assert not list(signed_products(source.format("np.uint64(h) * np.uint64(M)")))
