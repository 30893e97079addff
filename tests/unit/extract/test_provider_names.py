"""Provider names as texts write them, and as the register knows them."""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.adapters.packaged import packaged
from digest.adapters.settings_files import load
from digest.extract.blocks import Block, BlockKind
from digest.extract.names import cast_of
from digest.providers import Provider, Register

WRITTEN = [
    ("HMI Probation inspected Durham Tees Valley Community Rehabilitation Company (CRC) in May.", ["Durham Tees Valley CRC"]),
    ("The Kent, Surrey and Sussex CRC has been praised.", ["Kent, Surrey and Sussex CRC"]),
    ("Cumbria & Lancashire CRC has been praised.", ["Cumbria and Lancashire CRC"]),
    ("Portsmouth and the Isle of Wight Probation Delivery Unit (PDU) has slipped.", ["Portsmouth and the Isle of Wight PDU"]),
    ("Newham PDU and Barking, Dagenham and Havering PDU were seen.", ["Newham PDU", "Barking, Dagenham and Havering PDU"]),
    ("Inspectors of Manchester North, Tameside and Wigan PDUs reported.", ["Manchester North PDU", "Tameside PDU", "Wigan PDU"]),
    ("The Director of Kirklees PDU said so.", ["Kirklees PDU"]),
    ("Cardiff's Youth Justice Service (YJS) is better.", ["Cardiff Youth Justice Service"]),
    ("Gwynedd and Ynys Môn Youth Justice Service has done well.", ["Gwynedd and Ynys Môn Youth Justice Service"]),
    ("Reading Borough Council’s youth offending service was visited.", ["Reading Youth Offending Service"]),
    ("The London Borough of Lambeth's Youth Justice Service grew.", ["Lambeth Youth Justice Service"]),
    ("The youth justice service for South Tees has had praise.", ["South Tees Youth Justice Service"]),
    ("An inspection of youth justice services in Reading.", ["Reading Youth Justice Service"]),
    ("The North West Division of the National Probation Service (NPS) is good.", ["NPS North West division"]),
    ("The National Probation Service’s South West division did well.", ["NPS South West division"]),
    ("NPS Wales was visited.", ["NPS Wales"]),
    ("The CRC and National Probation Service in Cumbria were seen.", ["Cumbria CRC", "NPS Cumbria"]),
    ("Merseyside Probation Trust was visited.", ["Merseyside Probation Trust"]),
    ("The Kent, Surrey and Sussex (KSS) region of the Probation Service is strained.", ["Kent, Surrey and Sussex region"]),
    ("Probation services in the East of England must improve.", ["East of England Probation Service"]),
    ("Youth justice services across England and Wales are good.", []),
    ("HM Prison and Probation Service said so.", []),
    ("The Youth Justice Service is good.", []),
]  # fmt: skip


PROBATION = load(packaged("config")).inspectorates.named("hmi-probation")


def cast(text, register=None, kind=BlockKind.PARAGRAPH):
    return [
        n.name for n in cast_of((Block(kind=kind, text=text),), register or Register(), PROBATION.bodies).all
    ]


@pytest.mark.parametrize(("text", "expected"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_a_name_is_found_and_tidied(text, expected):
    assert cast(text) == expected


def test_the_registers_name_is_preferred():
    register = Register(
        [
            Provider(
                id="x",
                name="Durham Tees Valley",
                kind="CRC",
                inspectorate="hmi-probation",
                aliases=("Durham Tees Valley Community Rehabilitation Company",),
            )
        ]
    )

    assert cast("Durham Tees Valley CRC was seen.", register) == ["Durham Tees Valley"]


def test_an_area_of_another_kind_of_body_is_not_the_registers():
    register = Register([Provider(id="x", name="Surrey", kind="YJS", inspectorate="hmi-probation")])

    assert cast("Surrey PDU was seen.", register) == ["Surrey PDU"]
    assert cast("Surrey Youth Justice Service was seen.", register) == ["Surrey"]


def test_a_body_without_a_sure_form_is_found_by_the_register():
    register = Register([Provider(id="x", name="Oak House", kind="care home", inspectorate="cqc")])

    assert cast("Inspectors went to Oak House in May.", register) == ["Oak House"]


def test_a_headline_gives_a_name_only_where_the_text_gives_none():
    assert cast("Praise For Ambledon PDU", kind=BlockKind.HEADING) == ["Ambledon PDU"]


def test_an_area_alone_counts_once_its_body_was_named():
    found = cast_of(
        (Block(kind=BlockKind.PARAGRAPH, text="Bridgend Youth Justice Service grew."),),
        Register(),
        PROBATION.bodies,
    )

    assert [m.named.name for m in found.mentions("Bridgend itself was new.")] == [
        "Bridgend Youth Justice Service"
    ]
    assert found.mentions("Bridgendshire was not.") == ()
