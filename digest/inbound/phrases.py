"""Phrases of answers in the languages of our readers: yes, no, courtesies, and what mail programs add.

English, Welsh, French, German, Spanish, Italian, Dutch, Polish, Portuguese, Romanian, Swedish, Danish,
Norwegian, Ukrainian, Russian, Arabic, Urdu and Punjabi. In the lists below phrases are parted by commas and
line ends; in patterns `*` stands for up to three words, `~` for the rest of a word. All are in the form of `fold`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# What has no decomposition in Unicode, and letters that keyboards of neighbouring languages write differently.
_ALIKE: Final = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss",
    "ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ھ": "ه", "ة": "ه", "'": "", "’": "", "‘": "", "`": "", "´": "",
})  # fmt: skip
_MARKS: Final = (*range(0x300, 0x370), *range(0x64B, 0x656), 0x670)  # accents, and the vowel signs of Arabic
_EMOJI: Final = {
    **dict.fromkeys("👍👌✅✔☑", " ok "),
    **dict.fromkeys("👎🛑🚫❌⛔✖", " no "),
    **dict.fromkeys("🙂😊😀😃😄🙏❤♥🎉", " "),
    **dict.fromkeys(map(chr, range(0x1F3FB, 0x1F400)), ""),  # the colours of skin
}


def fold(text: str) -> str:
    """Words in lower case with single spaces, without punctuation and accents; some emoji as words."""
    emojis = "".join(_EMOJI.get(c, c) for c in text)
    plain = (
        unicodedata.normalize("NFKD", emojis.casefold()).translate(dict.fromkeys(_MARKS)).translate(_ALIKE)
    )
    kept = (c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc", "So") else " " for c in plain)
    return " ".join("".join(kept).split())


def _list(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for line in text.splitlines() for one in line.split(",") if one.strip())


def _set(text: str) -> frozenset[str]:
    return frozenset(map(fold, _list(text)))


def _fragment(phrase: str) -> str:
    """A phrase as a regular expression on folded text."""
    found = " ".join(
        r"(?:\S+ ){0,3}"
        if part == "*"
        else re.escape(fold(part.rstrip("~"))) + (r"\S*" if part[-1] == "~" else "")
        for part in phrase.split()
    )
    return found.replace(r"{0,3} ", "{0,3}")


def _any(text: str) -> str:
    return "|".join(sorted(map(_fragment, _list(text)), key=len, reverse=True))


# -- yes ------------------------------------------------------------------------------------------------

YES: Final = _set("""
yes, yep, yeah, yes it was me, yes that was me, it was me, that was me, thats right, okey, yes i do, yes i am, yes i did, yes i want it, sure, ok, okay, y, agreed, i agree, i accept, accept, accepted
confirm, confirmed, i confirm, i do confirm, i confirm this, i confirm it, i confirm that, confirming, go ahead, count me in
i confirm my subscription, i confirm the subscription, confirm my subscription, confirm subscription, i would like to confirm
i want to confirm, i wish to confirm, happy to confirm, i want this, i want it, i want to subscribe, i would like to subscribe
i would like to receive this, i would like to receive it, i would like to receive the emails, i want to receive this
i want to receive it, i want to receive the emails, i want the emails, id like to confirm my subscription, id like to subscribe, i would like this
subscribe, subscribe me, please subscribe me, sign me up, please sign me up, add me, please add me, yes please, please do
ie, iawn, ydw, cadarnhau, rwyn cadarnhau, rwy’n cadarnhau, dwi’n cadarnhau, hoffwn, ie hoffwn
oui, oui je veux, je veux recevoir, d’accord, je confirme, je confirme mon inscription, confirmé, oui je confirme, bien sûr
ja, jawohl, bitte anmelden, ich möchte den newsletter erhalten, ich bestätige, ich bestaetige, bestätigt, bestaetigt, bestätige, hiermit bestätige ich, einverstanden, gerne, ja gerne
ich bestätige meine anmeldung, hiermit bestätige ich meine anmeldung, ja gern, bestätigung
sí, quiero recibirlo, quiero recibirlos, confirmo, de acuerdo, confirmado, confirmada, vale, sí quiero, confirmo mi suscripción, confirmo la suscripción
sì, confermo, va bene, d’accordo, confermato, certo, confermo la mia iscrizione, confermo l’iscrizione
ik bevestig, bevestigd, akkoord, ja graag, graag, ik bevestig mijn inschrijving, dat klopt
tak potwierdzam, tak proszę, tak poproszę, potwierdzam, zgadzam się, potwierdzam subskrypcję, tak chcę
sim, confirmo a subscrição, confirmo a inscrição, confirmo a minha subscrição, sim confirmo, certo
da, confirm abonarea, sunt de acord, de acord, desigur
jag bekräftar, bekräftar, bekräftat, ja gärna, gärna, visst, javisst
meget gerne, jeg bekræfter, bekræfter, bekræftet, jeg bekrefter, bekrefter, bekreftet, ja gerne, ja meget gerne
так підтверджую, підтверджую, згоден, згодна, так будь ласка, так
да, подтверждаю, согласен, согласна, хорошо
نعم, أؤكد, نعم أؤكد, موافق, موافقة, حسنا, أؤكد الاشتراك, تأكيد
جی ہاں, ہاں, ہاں جی, ٹھیک ہے, میں تصدیق کرتا ہوں, میں تصدیق کرتی ہوں, تصدیق
ji haan, haan ji, haan, ji han, han ji
ਹਾਂ, ਹਾਂ ਜੀ, ਜੀ ਹਾਂ, ਠੀਕ ਹੈ
""")

COURTESY: Final = _set("""
please, pls, plz, thanks, thank you, many thanks, thanks a lot, thanks very much, thank you very much, ta, cheers, hi, hello, hey
good morning, good afternoon, good evening, hi there, hello there, dear sir or madam, dear all, hi all, hello all, hi team
os gwelwch yn dda, plis, diolch, diolch yn fawr, bore da, prynhawn da, helo
s’il vous plaît, s’il te plaît, svp, stp, merci, merci beaucoup, bonjour, bonsoir, salut
bitte, danke, vielen dank, danke schön, hallo, guten tag, guten morgen, guten abend, moin, servus, grüezi
por favor, gracias, muchas gracias, hola, buenos días, buenas tardes, buenas
per favore, per piacere, grazie, grazie mille, buongiorno, buonasera, salve, ciao
alstublieft, alsjeblieft, aub, bedankt, dank u, dank u wel, dank je, dank je wel, goedemorgen, goedemiddag, goedendag, hoi, beste
proszę, dziękuję, dzięki, dzień dobry, witam, cześć
obrigado, obrigada, muito obrigado, muito obrigada, olá, bom dia, boa tarde, boa noite
vă rog, te rog, mulțumesc, vă mulțumesc, mersi, bună ziua, bună, salut
tack, tack så mycket, tack för hjälpen, hej, hejsan, god morgon, snälla, vänligen
tak, mange tak, takk, tusen takk, mange takk, hej, hei, god morgen, god dag, venligst, vennligst, vær så snill
будь ласка, дякую, щиро дякую, добрий день, доброго дня, вітаю, привіт
пожалуйста, спасибо, большое спасибо, добрый день, здравствуйте, привет
من فضلك, لو سمحت, شكرا, شكرا لك, شكرا جزيلا, مرحبا, السلام عليكم
براہ کرم, براہ مہربانی, شکریہ, بہت شکریہ, السلام علیکم
ਕਿਰਪਾ ਕਰਕੇ, ਧੰਨਵਾਦ, ਸਤ ਸ੍ਰੀ ਅਕਾਲ
""")

POLISH: Final = re.compile(
    rf"\b(?:{_any('napisał~, pisze, użytkownik, wysłano, temat, pozdrawiam, z poważaniem, dziękuję, proszę, dzień, dobry')})\b"
)
"""A sign that "tak" is Polish for "yes", and not Danish for "thanks"."""

GREETING: Final = re.compile(
    rf"(?:{_any('hi, hello, hey, dear, good morning, good afternoon, helo, annwyl, bonjour, madame, monsieur, chère, cher')}"
    rf"|{_any('hallo, guten tag, liebe, lieber, liebes, sehr geehrte, sehr geehrter, hola, estimado, estimada, estimados')}"
    rf"|{_any('buongiorno, gentile, gentili, salve, ciao, beste, geachte, goedemorgen, dzień dobry, szanowni państwo, witam')}"
    rf"|{_any('olá, bom dia, boa tarde, caro, cara, bună ziua, bună, stimată, stimate, hej, hei, kära, kære, kjære')}"
    rf"|{_any('добрий день, доброго дня, шановні, добрый день, здравствуйте, уважаемые, مرحبا, عزيزي, السلام عليكم')})"
    r"(?: \w+){0,5}"
)

# -- no -------------------------------------------------------------------------------------------------

NO: Final = _set("""
no, nope, nah, no thx, no ta, absolutely not, definitely not, certainly not, please dont, please do not, no no, no way, never, no thanks, no thank you, not me, it was not me, not interested, nothing, none, stop, n, no more
i decline, declined, decline, refuse, i refuse, i do not, i do not confirm, i dont, i dont confirm, not confirmed, denied, go away
na, nage, dim, dim diolch, nac ydw, dydw i ddim, nid fi, peidiwch
non, je refuse, non merci, pas du tout, jamais, aucun intérêt, pas intéressé, pas intéressée, stop svp, surtout pas
nein, nein danke, nee danke, niemals, kein interesse, auf keinen fall, ich nicht, stopp, nö
no gracias, no soy yo, en absoluto, jamás, no me interesa, no confirmo
no grazie, non confermo, assolutamente no, mai, non mi interessa, basta
nee, nee bedankt, nee dank u, nee dank je, geen interesse, geen belangstelling, nooit, zeker niet
nie, nie dziękuję, nie dzięki, nigdy, nie potwierdzam, nie chcę, nie jestem zainteresowany, nie jestem zainteresowana
não, não obrigado, não obrigada, nunca, não confirmo, não quero, sem interesse, nao
nu, nu mulțumesc, nu multumesc, niciodată, nu confirm, nu vreau, nu mersi
nej, nej tack, aldrig, inte intresserad, nej tak, ikke interesseret, nei, nei takk, aldri, ikke interessert, ellers tak
ні, ні дякую, ніколи, не цікавить, не підтверджую, не треба
нет, нет спасибо, никогда, не интересует, не подтверждаю, не надо, не нужно, стоп
لا, لا شكرا, كلا, أبدا, لا أريد, لا اريد, غير مهتم, توقف
نہیں, جی نہیں, نہیں شکریہ, نہیں چاہیے, بند کرو, بند کریں
nahi, nahin, ji nahi, ji nahin
ਨਹੀਂ, ਨਹੀਂ ਜੀ, ਜੀ ਨਹੀਂ, ਨਹੀਂ ਧੰਨਵਾਦ
""")

LEAVE: Final = _set("""
unsubscribe, unsubscribed, remove, delete, cancel, opt out, opt-out, optout, leave, stop, signoff, sign off, stop it, stop this, stop now
dad-danysgrifio, dad danysgrifio, datdanysgrifio, tynnwch fi, canslo, dileu
désabonner, désinscrire, désabonnement, désinscription, désinscrivez, désabonnez, me désabonner, me désinscrire, retirez, arrêtez, arrêter
supprimer, annuler, stopper, se désabonner, se désinscrire
abmelden, abmeldung, austragen, abbestellen, kündigen, abbestellung, löschen, stornieren, newsletter abmelden, bitte austragen
baja, darme de baja, dar de baja, cancelar, cancelar suscripción, eliminar, borrar, quiten, quítenme, bórrenme, parar, basta
cancellami, cancellatemi, cancellazione, disiscrizione, disiscrivimi, disiscrivetemi, annulla, rimuovere, rimuovetemi, rimuovimi, elimina
uitschrijven, afmelden, opzeggen, verwijderen, annuleren, schrijf mij uit, meld mij af
wypisz, wypisać, wypiszcie, rezygnuję, rezygnacja, usuń, usunąć, anuluj, wyrejestruj, wypisz mnie
cancelar subscrição, cancelar inscrição, remover, remova, descadastrar, desinscrever, pare, parem, retirem, anular
dezabonare, dezabonați, dezabonează, mă dezabonez, dezabonați-mă, anulare, ștergeți, opriți
avregistrera, avsluta, avanmäl, avprenumerera, ta bort, sluta, avbryt, säg upp
afmeld, afmelding, frameld, slet, stop, opsig, meld mig af, meld meg av, avmeld, meld av, avslutt, fjern, slett, stans
відписатися, відпишіть, відписати, видаліть, скасувати, скасуйте, відмовляюся, припиніть
отписаться, отпишите, отписать, удалите, отмените, отказываюсь, прекратите, отмена, отписка
إلغاء الاشتراك, الغاء الاشتراك, إلغاء, احذف, احذفني, ألغ اشتراكي, أوقف, توقفوا
رکنیت ختم کریں, ان سبسکرائب, مجھے نکال دیں, ختم کریں, ہٹا دیں
ਅਨਸਬਸਕ੍ਰਾਈਬ, ਹਟਾਓ, ਬੰਦ ਕਰੋ
""")

OBJECT: Final = _set("""
me, us, my email, my e-mail, my address, my email address, my name, my details, my data, this address, this email, this email address
from this list, from your list, from the list, from this mailing list, from your mailing list, from your mailing, from all lists, from this
from all, from your emails, this, it, all, now, immediately, at once, asap, today, again, my subscription, the subscription, subscription
these emails, these mails, this list, this newsletter, the newsletter, newsletter, emails, email, mails, all emails, list, your list, your emails
off this list, off your list, off the list, myself, everything, my account, all of it, off, this request, my request, the request, request
mi, mich, mir, uns, meine adresse, meine mailadresse, meine e-mail-adresse, meine daten, mein abo, aus dem verteiler, aus der liste, sofort
diese adresse, den newsletter, dieses abo, vom newsletter, von der liste, hier, das abo, abo, aus ihrem verteiler, aus ihrer liste
moi, mon adresse, mon email, mon mail, mes données, de la liste, de votre liste, de cette liste, immédiatement, tout de suite, cette adresse
mi correo, mi dirección, mis datos, de la lista, de su lista, de esta lista, inmediatamente, esta dirección, de esto, suscripción
il mio indirizzo, la mia email, i miei dati, dalla lista, dalla vostra lista, da questa lista, subito, questo indirizzo, l’iscrizione
mij, mijn adres, mijn e-mailadres, mijn gegevens, van de lijst, van deze lijst, van uw lijst, direct, dit adres, graag
mnie, mój adres, mojego adresu, mój mail, moje dane, z listy, z tej listy, natychmiast, ten adres, z subskrypcji, subskrypcję
o meu email, meu email, o meu endereço, meu endereço, os meus dados, da lista, da vossa lista, desta lista, imediatamente, a subscrição
adresa mea, emailul meu, datele mele, de pe listă, din listă, imediat, abonarea
mig, min adress, min e-post, mina uppgifter, från listan, genast, nu, prenumerationen, min adresse, min mail, fra listen, straks, meg, nå
мене, мою адресу, мої дані, зі списку, з розсилки, негайно, від розсилки, від цього
меня, мой адрес, мои данные, из списка, из рассылки, немедленно, от рассылки, от этого, рассылку
بريدي, عنواني, اسمي من القائمة, من القائمة, من قائمتكم, فورا, اشتراكي
fi, fy enw, fy nghyfeiriad, o’r rhestr, nawr, ar unwaith
""")

OBJECTION: Final = _any("""
remove me, unsubscribe me, unsubscribe us, delete me, take me off, take us off, take * off * list, take * address off, opt me out, stop this email~
remove my, remove this address, remove this email, remove * from * list, delete my, delete this address, cancel my, cancel this, cancel the subscription
stop sending, stop emailing, stop mailing, stop writing, stop contacting, stop spamming, stop messaging, stop bothering, stop these, stop this
never write to me, never write me, never contact me, never email me, never send me, never again, do not ever, please stop, stop please, used my address, used my email, want off, name off
never asked, never requested, never signed up, never sign up, never subscribed, never registered, never agreed, never ordered, never applied
never heard of you, did not ask, didnt ask, did not request, didnt request, did not sign up, didnt sign up, did not subscribe, didnt subscribe
did not register, didnt register, did not order, didnt order, did not agree, didnt agree, did not sign, didnt sign, did not want, didnt want
did not consent, didnt consent, did not give * consent, did not give * permission, did not apply, didnt apply, did not do this, didnt do this
have not asked, havent asked, have not requested, havent requested, have not signed up, havent signed up, have not subscribed, havent subscribed
haven’t registered, have not registered, do not send, dont send, do not email, dont email, do not mail, dont mail, do not contact, dont contact
do not write, dont write, do not want this, dont want this, do not want it, dont want it, do not want any, dont want any, do not want your, dont want your
do not want these, dont want these, do not want to receive, dont want to receive, do not want to get, dont want to get, do not want to be
dont want to be, do not want to subscribe, dont want to subscribe, do not want to join, dont want to join, do not want emails, dont want emails
do not want anything, dont want anything, do not wish to, dont wish to, do not subscribe, dont subscribe, do not sign me, dont sign me, do not add me
dont add me, not interested, no longer wish, no longer want, no longer interested, wasnt me, was not me, isnt for me, is not for me, not for me
leave me alone, leave us alone, go away, get lost, piss off, fuck off, want to unsubscribe, want to leave, want to cancel, want to opt out, want to be removed
wish to unsubscribe, wish to leave, wish to cancel, wish to be removed, like to unsubscribe, like to leave, like to be removed, like to cancel, like to opt out
this is spam, wrong person, wrong address, wrong email, want out, without my consent, without my permission, no thank you, no thanks
not what i asked for, withdraw my, i object, i withdraw, changed my mind, someone else used my, somebody else used my, not mine, no need for this, please unsubscribe
wnes i ddim gofyn, ddim wedi gofyn, ddim wedi cofrestru, dydw i ddim eisiau, dwi ddim eisiau, tynnwch fi, tynnwch fy, dad-danysgrifi~, dim diolch, heb ofyn, peidiwch ag anfon, peidiwch â
rien demandé, pas demandé, jamais demandé, jamais inscrit~, pas inscrit~, pas souscrit, jamais souscrit, ne veux pas, ne veux plus, ne souhaite pas
ne souhaite plus, ne désire pas, pas intéressé~, me désabonner, me désinscrire, désabonnez-moi, désinscrivez-moi, retirez-moi, retirer de, me retirer
supprimez-moi, supprimez mon, supprimer mon, supprimer mes, enlevez-moi, m’enlever de, arrêtez de, cessez de, laissez-moi tranquille, plus rien recevoir, non merci
ne m’envoyez, ne plus recevoir, ne plus m’écrire, sans mon consentement, me rayer, c’est pas moi, ce n’est pas moi, ne m’écrivez
keine weiteren, nicht registriert, nie registriert, nicht angemeldet, nie angemeldet, nirgends angemeldet, niemals angemeldet, nirgendwo angemeldet, nicht bestellt, nie bestellt, nichts bestellt, nicht angefordert
nie angefordert, nichts angefordert, nicht darum gebeten, nie darum gebeten, nicht abonniert, nie abonniert, will * nicht, möchte * nicht, moechte * nicht
möchte keine~, will keine~, wünsche keine~, kein interesse, melden sie mich ab, melde mich ab, mich abmelden, mich abzumelden, mich austragen, tragen sie mich aus
mich * löschen, löschen sie mich, löschen sie meine, meine daten löschen, streichen sie mich, nehmen sie mich, nehmen sie meine, abbestellen, keine weiteren mails
keine mails mehr, keine e-mails mehr, keine werbung, lassen sie mich in ruhe, hören sie auf, schicken sie mir keine~, war ich nicht, nicht von mir, nein danke
ohne meine zustimmung, ohne meine einwilligung, widerspreche, widerrufe, nicht erwünscht, unerwünscht~, bitte abmelden
no * he pedido, no pedí, no he solicitado, no solicité, no me he suscrito, no me suscribí, nunca me suscribí, no me he apuntado, no me registré, no me he registrado
no he autorizado, no quiero, no deseo, no me interesa, no estoy interesad~, darme de baja, dadme de baja, denme de baja, dar de baja, eliminen mi, borren mi
eliminadme, elimínenme, bórrenme, eliminad mi, borrad mi, elimine mi, borre mi, quítenme, quitadme, dejen de, dejad de, no me escriban, no me envíen, no fui yo, no he sido yo, nunca pedí, sin mi consentimiento
non ho chiesto, non ho mai chiesto, non ho richiesto, non ho mai richiesto, non mi sono iscritt~, non mi sono mai iscritt~, non voglio, non desidero, non mi interessa
non sono interessat~, cancellatemi, cancellami, rimuovetemi, rimuovimi, toglietemi, togliermi, cancellarmi, disiscrivetemi, smettete di, smettetela, non scrivetemi
non sono stat~ io, eliminate il mio, cancellate il mio, senza il mio consenso
niet * aangemeld, nooit * aangemeld, niet * gevraagd, nooit * gevraagd, niets aangevraagd, niet aangevraagd, niets besteld, niet besteld, niet ingeschreven, nooit ingeschreven
wil dit niet, wil * niet ontvangen, wil geen, wens geen, geen interesse, geen belangstelling, niet geïnteresseerd, schrijf mij uit, schrijf me uit, mij uitschrijven
me uitschrijven, uit te schrijven, graag uitschrijven, verwijder mij, verwijder me, verwijder mijn, mij verwijderen, haal mij, haal me, meld mij af, mij afmelden, afmelden
stop met, laat me met rust, stuur me geen, stuur mij geen, niet van mij, zonder mijn toestemming
nie zamawiał~, nie zapisywał~, nie prosił~, nie zapisał~, nie subskrybował~, nie rejestrował~, nigdy nie, nie chcę, nie życzę sobie, nie wyrażam zgody, nie jestem zainteresowan~
proszę o usunięcie, usunięcie mojego, usuńcie mnie, usuńcie mój, usuń mnie, proszę mnie usunąć, proszę usunąć, proszę mnie wypisać, proszę wypisać, wypiszcie mnie, wypisz mnie
proszę nie pisać, proszę nie wysyłać, nie wysyłajcie, przestańcie, to nie ja, bez mojej zgody, rezygnuję, nie dziękuję
não pedi, não solicitei, nunca pedi, nunca solicitei, não me inscrevi, nunca me inscrevi, não subscrevi, nunca subscrevi, não me registei, não me cadastrei, não quero, não desejo
não pretendo, não tenho interesse, não estou interessad~, remova o meu, remova meu, remova-me, remover o meu, remover meu, removam o meu, removam-me, retirem-me, retire-me, retirem o meu
apaguem os meus, apague os meus, eliminem o meu, eliminar o meu, parem de, pare de, não me enviem, não me escrevam, não fui eu, sem o meu consentimento, sem autorização
nu am cerut, nu am solicitat, n-am cerut, nu m-am abonat, nu m-am înscris, nu am comandat, nu vreau, nu doresc, nu mă interesează, nu sunt interesat~, dezabonați-mă, dezabonează-mă
ștergeți-mă, ștergeți adresa, scoateți-mă, eliminați-mă, opriți, nu-mi mai, nu îmi mai trimiteți, nu am fost eu, fără acordul meu, nu mulțumesc
inte bett, inte beställt, inte anmält, aldrig anmält, aldrig bett, aldrig beställt, inte registrerat, har inte * prenumer~, vill inte, vill ej, ta bort mig, ta bort min, avregistrera mig
avprenumerera mig, avanmäl mig, sluta skicka, sluta mejla, sluta maila, skicka inte, inte intresserad, det var inte jag, inte jag, nej tack
ikke bedt, aldrig bedt, ikke tilmeldt, aldrig tilmeldt, ikke bestilt, aldrig bestilt, ikke registreret, vil ikke, ønsker ikke, ikke interesseret, afmeld mig, frameld mig, fjern mig, fjern min
slet mig, slet min, stop med, lad mig være, det var ikke mig, ikke mig, nej tak, aldri bedt, ikke meldt, aldri meldt, ikke påmeldt, aldri påmeldt, ikke registrert
ikke interessert, meld meg av, avmeld meg, fjern meg, slett meg, slett min, slutt å, ikke send, la meg være, det var ikke meg, nei takk, aldri bestilt
не замовля~, не підпису~, не просив, не просила, не реєстру~, не хочу, не бажаю, не цікавить, не давав, не давала, відпишіть мене, видаліть мене, видаліть мою, приберіть мене
припиніть, не пишіть, не надсилайте, це не я, без моєї згоди, ні дякую
не заказыва~, не подписыва~, не просил, не просила, не регистрир~, не хочу, не желаю, не интересует, не давал, не давала, отпишите меня, удалите меня, удалите мой, уберите меня
прекратите, не пишите, не присылайте, это не я, без моего согласия, нет спасибо
لم أطلب, لم اطلب, لا أريد, لا اريد, لم أشترك, لم اشترك, لم أسجل, إلغاء الاشتراك, الغاء الاشتراك, احذفوني, احذف بريدي, أزيلوا, توقفوا عن, لا ترسلوا, لست مهتم~
نہیں چاہیے, نہیں چاہتا, نہیں چاہتی, نہیں مانگا, درخواست نہیں, رجسٹر نہیں, سبسکرائب نہیں, ان سبسکرائب, بند کریں, بند کر دیں, نکال دیں, ہٹا دیں
ਨਹੀਂ ਚਾਹੀਦਾ, ਨਹੀਂ ਮੰਗਿਆ, ਨਹੀਂ ਚਾਹੁੰਦਾ, ਨਹੀਂ ਚਾਹੁੰਦੀ, ਬੰਦ ਕਰੋ, ਹਟਾ ਦਿਓ
""")

NEGATED: Final = re.compile(
    rf"(?:^| )(?:{_any('do not, dont, never, not, please dont, without, peidiwch â, ne, nicht, kein, keine, no, non, niet, geen, nie, não')}"
    rf"|{_any('nao, nu, inte, ikke, ej, не, لا, did not, didnt')})(?: \S+)?$"
)
"""What stands before an imperative that is meant the other way: "please do not remove me"."""

IMPERATIVES: Final = re.compile(
    rf"(?:{_any('remove~, unsubscribe~, delete~, take~, opt~, stop~, cancel~, retir~, supprim~, enlev~, désabonn~, désinscri~')}"
    rf"|{_any('lösch~, streich~, melde~, abmeld~, austrag~, cancella~, rimuov~, toglie~, elimin~, borr~, verwijder~, schrijf, meld, usuń~, wypisz~')}"
    rf"|{_any('remov~, ștergeți~, scoateți~, dezabon~, ta bort~, avregistrera~, fjern~, slet~, slett~, afmeld~, видаліть~, удалите~, отпишите~')})"
)
"""The objections that are orders; another objection holds its own negation."""

CONDITION: Final = re.compile(
    rf"(?:{_any('if, to unsubscribe, to stop, to opt out, click, in order to, should you, when, whenever, wenn, falls, um sich, si vous, pour vous')}"
    rf"|{_any('pour ne plus, si no, si desea, para darse, para cancelar, se non, se desideri, als u, als je, jeśli, aby, se não, se pretende, dacă')}"
    rf"|{_any('om du, för att, hvis, for at, якщо, щоб, если, чтобы, إذا, my colleague, a colleague, how, my husband, my wife')}) "
)
"""How sentences begin that speak of leaving without asking for it."""

REQUEST: Final = re.compile(
    rf"(?:{_any('can, could, would, will, may, pouvez, pourriez, pourrais, können, koennen, könnten, kannst, puede, pueden, podría, podrían')}"
    rf"|{_any('potete, può, potreste, kunt, kan, kun, czy, mogą, może, podem, pode, poderiam, puteți, kan, kunne, можете, чи, هل')})(?: |$)"
)
"""How questions begin that ask us to do something: "Can you take my address off?"."""

# -- what mail programs and organizations add -----------------------------------------------------------

ATTRIBUTIONS: Final = re.compile(
    rf"(?:^| )(?:{_any('wrote, writes, said, a écrit, schrieb, escribió, ha scritto, scrisse, schreef, geschreven, napisał~, pisze, nadesłał~')}"
    rf"|{_any('escreveu, a scris, skrev, написав~, пише, написал~, пишет, ysgrifennodd, بواسطة, كتب, لکھا, تحریر, ਲਿਖਿਆ, napsal~, írta, yazdı')})(?: |$)"
)

HEADER_LABELS: Final = frozenset(
    map(
        fold,
        _list("""
from, sent, to, subject, date, cc, bcc, reply-to, importance, received, sent on
oddi wrth, anfonwyd, at, pwnc, dyddiad
de, envoyé, à, objet, date, envoyé le, pour, sujet, a, répondre à, copie à
von, gesendet, an, betreff, datum, kopie, gesendet am
de, enviado, enviado el, para, asunto, fecha
da, inviato, a, oggetto, data
van, verzonden, aan, onderwerp, datum, verstuurd
od, wysłano, do, temat, data, dw, wysłane
de, enviado, enviada, enviada em, para, assunto, data
de la, trimis, către, subiect, data, dată, trimis la
från, skickat, till, ämne, datum, kopia
fra, sendt, til, emne, dato, kopi
від, надіслано, кому, тема, дата, від кого
от, отправлено, кому, тема, дата, от кого
من, تاريخ الإرسال, إلى, الموضوع, التاريخ
منجانب, بھیجا گیا, بنام, موضوع, تاریخ
"""),
    )
)

SENT_FROM: Final = re.compile(
    rf"(?:{_any('sent from my, sent from, sent with, sent via, sent using, get outlook for, anfonwyd o, yahoo mail search')}"
    rf"|{_any('envoyé de mon, envoyé de, envoyé depuis, envoyé à partir de, télécharger outlook pour, obtenir outlook pour')}"
    rf"|{_any('von mein~ * gesendet, gesendet von, gesendet mit, diese nachricht wurde von meinem, outlook für, holen sie sich outlook')}"
    rf"|{_any('enviado desde, enviado con, obtener outlook para, descargar outlook, inviato da, inviato con, scarica outlook, ottieni outlook')}"
    rf"|{_any('verzonden vanaf, verzonden vanuit, verzonden met, verstuurd vanaf, download outlook voor, outlook voor, wysłane z, wysłano z')}"
    rf"|{_any('pobierz outlook, pobierz program outlook, enviado do meu, enviado de, enviado a partir, obter o outlook, trimis de pe, trimis din')}"
    rf"|{_any('skickat från, hämta outlook, skaffa outlook, sendt fra, hent outlook, få outlook, надіслано з, надіслано за допомогою')}"
    rf"|{_any('отправлено с, отправлено из, послано из, أرسلت من, تم الإرسال من, مرسل من')})(?: \S+){{0,12}}"
)

MISTAKES: Final = re.compile(
    rf"(?:^| )(?:{_any('mistake~, error~, erreur~, fehler~, versehen~, irrt~, errore, por error, vergissing, fout, błąd~, błęd~, pomył~')}"
    rf"|{_any('greșeal~, engano, misstag, fejl~, feil~, помил~, ошиб~, خطأ, غلطی, camgymeriad')})(?: |$)"
)
"""What makes a line that begins like "Sent from my iPhone" say something."""

FOOTERS: Final = re.compile(
    rf"(?:{_any('originated from outside, originated outside, outside of the organisation, outside your organisation')}"
    rf"|{_any('outside of your organization, outside the organisation, do not click links, do not click on links, dont often get email from, unless you recognise')}"
    rf"|{_any('unless you recognize, consider the environment, before printing this, scanned for viruses, virus-free, virenfrei, sans virus, libre de virus')}"
    rf"|{_any('confidential and, are confidential, is confidential, be confidential, intended recipient, intended solely, intended only, intended for the, legally privileged')}"
    rf"|{_any('received * in error, registered office, registered in england, company number, any attachments, views expressed, e-bost hwn, yn gyfrinachol')}"
    rf"|{_any('vertrauliche, vertraulich, irrtümlich erhalten, nicht der richtige adressat, handelsregister, geschäftsführer, confidentiel~, destinataire')}"
    rf"|{_any('confidencial~, destinatario, destinatário~, riservat~, destinatari, vertrouwelijk~, geadresseerde, poufn~, adresat~, confidențial~, destinatar~')}"
    rf"|{_any('konfidentiell~, avsedd för, fortrolig~, tiltenkt, конфіденційн~, конфиденциальн~, سرية, الرسالة سرية, externe absender, expéditeur externe')}"
    rf"|{_any('von extern, von außerhalb, extérieur de l’organisation, fuera de la organización, all’esterno dell’organizzazione, buiten de organisatie')})"
)

NEWS: Final = re.compile(
    rf"(?:^| )(?:{_any('no longer, has died, have died, is dead, deceased, has left, has moved, has retired, quarantin~, blocked, block it, rejected')}"
    rf"|{_any('not accept~, undeliver~, not delivered, not be delivered, does not exist, recipient unknown, by mistake, by accident, in hell, from hell')})(?: |$)"
)
"""What no footer says: that somebody is gone, or that a message did not get through."""

FIRST_PERSON: Final = re.compile(
    rf"(?:^| )(?:{_any('i, me, my, mine, myself, im, ive, ich, mich, mir, mein, meine, meinen, je, jai, moi, mon, ma, mes, yo, mi, mis, io, mio, mia')}"
    rf"|{_any('ik, mij, mijn, ja, mnie, mój, moja, mojego, eu, meu, minha, mea, meu, jag, mig, min, mitt, jeg, meg, mitt, я, мене, мені, мій, мою')}"
    rf"|{_any('меня, мне, мой, мою, fi, fy, dwi, rwyf, أنا, مجھے, میں, ਮੈਂ, ਮੈਨੂੰ')})(?: |$)"
)

TITLES: Final = frozenset(
    _list(
        "mr, mrs, ms, miss, mx, dr, prof, sir, dame, herr, frau, m, mme, mlle, sr, sra, dott, drs, ir, rev, cllr"
    )
)

UNLIKE_TITLES: Final = frozenset(
    word
    for phrase in _list("""
i, im, you, your, we, our, it, this, that, me, my, not, no, never, nothing, nobody, stop, wrong, who, what, why, how, please, but, is, are, was
again, later, another, moved, retired, gone, yet, away, out, ticket, request, received, urgent, now
dont, didnt, cant, wont, do, does, did, want, leave, remove, unsubscribe, delete, cancel, spam, only, if, or, unless, maybe, later, wait
nicht, kein, keine, nie, wer, was, warum, pas, jamais, qui, non, rien, nada, nunca, quien, mai, chi, niet, nooit, geen, wie, kto, nu, cine
nej, nei, inte, ikke, aldrig, aldri, hvem, vem, не, ні, нет, кто, хто, na, dim, pwy
""")
    for word in fold(phrase).split()
)

SIGN_OFFS: Final = frozenset(
    map(
        fold,
        _list("""
kind regards, best regards, warm regards, warmest regards, with kind regards, with best wishes, regards, rgds, kindest regards, best wishes, best, br, kr, bw
yours sincerely, yours faithfully, yours, yours truly, sincerely, all the best, with regards, warmly, many regards, good wishes, sincerely yours
cofion, cofion gorau, cofion cynnes, yr eiddoch yn gywir, yn gywir, dymuniadau gorau, hwyl
cordialement, bien cordialement, très cordialement, bien à vous, cdt, cdlt, salutations, sincères salutations, meilleures salutations, bonne journée
bonne réception, bien à toi, respectueusement
mit freundlichen grüßen, mit freundlichem gruß, freundliche grüße, viele grüße, beste grüße, liebe grüße, lg, mfg, vg, gruß, grüße, herzliche grüße
mit besten grüßen, schöne grüße, mit freundlichen gruessen, viele gruesse
saludos, un saludo, atentamente, saludos cordiales, un cordial saludo, cordialmente, reciba un cordial saludo
cordiali saluti, saluti, distinti saluti, un saluto, un cordiale saluto
met vriendelijke groet, met vriendelijke groeten, vriendelijke groet, groet, groeten, mvg, hartelijke groet, hartelijke groeten
pozdrawiam, pozdrowienia, z poważaniem, z wyrazami szacunku, serdecznie pozdrawiam, łączę pozdrowienia
atenciosamente, cumprimentos, com os melhores cumprimentos, melhores cumprimentos, abraço, abraços, att, cordialmente
cu stimă, cu respect, numai bine, toate cele bune, o zi bună
med vänlig hälsning, med vänliga hälsningar, vänliga hälsningar, vänlig hälsning, hälsningar, mvh, hälsning
med venlig hilsen, venlig hilsen, hilsen, mvh, vh, med vennlig hilsen, vennlig hilsen, de bedste hilsner, mange hilsner, hilsner
з повагою, з найкращими побажаннями, с уважением, всего доброго, с наилучшими пожеланиями
مع التحية, تحياتي, مع أطيب التحيات, والسلام, خیر اندیش, نیک خواہشات, ਸ਼ੁਭ ਇੱਛਾਵਾਂ
"""),
    )
)

THANKS: Final = frozenset(
    map(
        fold,
        _list("""
thanks, thank you, many thanks, cheers, thanks and regards, thanks in advance, with thanks, ta, diolch, diolch yn fawr, merci, merci d’avance, merci beaucoup
danke, vielen dank, besten dank, danke und gruß, gracias, muchas gracias, grazie, grazie mille, bedankt, dank u, alvast bedankt, dziękuję, dzięki
obrigado, obrigada, mulțumesc, vă mulțumesc, tack, tack på förhand, tak, mange tak, takk, tusen takk, дякую, спасибо, شكرا, شکریہ, ਧੰਨਵਾਦ
"""),
    )
)
