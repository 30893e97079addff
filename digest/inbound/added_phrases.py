"""What mail programs, organizations and signatures add to an answer, in the languages of our readers.

`phrases` says how the lists are written.
"""

from __future__ import annotations

import re
from typing import Final

from digest.inbound.phrases import any_phrase, fold, listed, phrase_set

ATTRIBUTIONS: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('wrote, writes, said, a écrit, schrieb, escribió, ha scritto, scrisse, schreef, geschreven, napisał~, pisze, nadesłał~')}"
    rf"|{any_phrase('escreveu, a scris, skrev, написав~, пише, написал~, пишет, ysgrifennodd, بواسطة, كتب, لکھا, تحریر, ਲਿਖਿਆ, napsal~, írta, yazdı, kirjoitti, έγραψε, 写道, 寫道, のメール')})(?: |$)"
)

HEADER_LABELS: Final = phrase_set("""
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
lähettäjä, lähetetty, vastaanottaja, aihe, päiväys, od, odesláno, komu, předmět, datum, feladó, küldve, elküldve, címzett, tárgy, dátum
από, στάλθηκε, προς, θέμα, ημερομηνία, gönderen, gönderildi, gönderim tarihi, kime, konu, tarih, kimden, 差出人, 送信日時, 宛先, 件名, 日時, 发件人, 发送时间, 发送日期, 收件人, 主题, 日期, 抄送, 寄件者, 寄件日期, 收件者, 主旨
""")

SENT_FROM: Final = re.compile(
    rf"(?:{any_phrase('sent from my, sent from, sent with, sent via, sent using, get outlook for, anfonwyd o, yahoo mail search')}"
    rf"|{any_phrase('envoyé de mon, envoyé de, envoyé depuis, envoyé à partir de, télécharger outlook pour, obtenir outlook pour')}"
    rf"|{any_phrase('von mein~ * gesendet, gesendet von, gesendet mit, diese nachricht wurde von meinem, outlook für, holen sie sich outlook')}"
    rf"|{any_phrase('enviado desde, enviado con, obtener outlook para, descargar outlook, inviato da, inviato con, scarica outlook, ottieni outlook')}"
    rf"|{any_phrase('verzonden vanaf, verzonden vanuit, verzonden met, verstuurd vanaf, download outlook voor, outlook voor, wysłane z, wysłano z')}"
    rf"|{any_phrase('pobierz outlook, pobierz program outlook, enviado do meu, enviado de, enviado a partir, obter o outlook, trimis de pe, trimis din')}"
    rf"|{any_phrase('skickat från, hämta outlook, skaffa outlook, sendt fra, hent outlook, få outlook, надіслано з, надіслано за допомогою')}"
    rf"|{any_phrase('sent on the move, sent on the go, sent from outlook, envoyé à partir, téléchargez outlook pour, obtenez outlook pour, von yahoo mail auf, von samsung mobile')}"
    rf"|{any_phrase('obtenga outlook para, inviato dal, inviato dalla, verzonden via, verstuurd met, verstuurd vanuit, haal outlook voor, wysłano ze, wysłane ze')}"
    rf"|{any_phrase('wysłano za pomocą, pobierz aplikację outlook, anfonwyd o’m, wysłane za pomocą, enviado do, enviado através, enviado pelo, obtenha o outlook, baixar o outlook, obțineți outlook, descărcați outlook')}"
    rf"|{any_phrase('skickat med, sendt med, lähetetty iphone~, lähetetty ipad~, lähetetty samsung~, lähetetty android~, lähetetty outlook~, lähetetty yahoo~')}"
    rf"|{any_phrase('lähetetty puhelime~, hanki outlook, odesláno z, odesláno ze, odesláno pomocí, získat outlook, získejte outlook, elküldve az, küldve az iphone~')}"
    rf"|{any_phrase('iphone készülékemről küldve, android készülékemről küldve, az outlook beszerzése, στάλθηκε από το, εστάλη από, αποκτήστε το outlook, λήψη του outlook')}"
    rf"|{any_phrase('iphoneumdan gönderildi, ipadimden gönderildi, androidden gönderildi, samsung * gönderildi, yahoo * gönderildi, ios için outlook~, android için outlook~')}"
    rf"|{any_phrase('iphoneから送信, ipadから送信, androidから送信, galaxyから送信, iphone から送信, ios 版 outlook, android 版 outlook, 发自我的~, 从我的 iphone~, 從我的~, 發自我的~')}"
    rf"|{any_phrase('来自我的~, 获取 outlook for, 取得 outlook for, 获取适用于~, 取得適用於~, أرسل من, احصل على outlook, الحصول على outlook, میرے * سے بھیجا گیا')}"
    rf"|{any_phrase('отправлено с, отправлено из, послано из, أرسلت من, تم الإرسال من, مرسل من')})(?: \S+){{0,12}}"
)

MISTAKES: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('mistake~, error~, erreur~, fehler~, versehen~, irrt~, errore, por error, vergissing, fout, błąd~, błęd~, pomył~')}"
    rf"|{any_phrase('greșeal~, engano, misstag, fejl~, feil~, помил~, ошиб~, خطأ, غلطی, camgymeriad, not, nicht, never, nie, pas, niet, não, nu, inte, ikke')}"
    rf"|{any_phrase('wrong, falsch~, mauvais~, verkeerd~, złego, zła, but, aber, nein, only, if, without, accident~, wife~, wifes, husband~, querer, aconteceu, virhe~, omylem, tévedés~, λάθος, yanlış~')})(?: |$)"
)
"""What makes a line that begins like "Sent from my iPhone" say something."""

FOOTERS: Final = re.compile(
    rf"(?:{any_phrase('originated from outside, originated outside, outside of the organisation, outside your organisation')}"
    rf"|{any_phrase('outside of your organization, outside the organisation, do not click links, do not click on links, dont often get email from, unless you recognise')}"
    rf"|{any_phrase('unless you recognize, consider the environment, before printing this, scanned for viruses, virus-free, virenfrei, sans virus, libre de virus')}"
    rf"|{any_phrase('confidential and, are confidential, is confidential, be confidential, intended recipient, intended solely, intended only, intended for the, legally privileged')}"
    rf"|{any_phrase('received * in error, registered in england, any attachments, views expressed, e-bost hwn, yn gyfrinachol')}"
    rf"|{any_phrase('vertrauliche, vertraulich, irrtümlich erhalten, nicht der richtige adressat, confidentiel~, destinataire')}"
    rf"|{any_phrase('confidencial~, destinatario, destinatário~, riservat~, destinatari, vertrouwelijk~, geadresseerde, poufn~, adresat~, confidențial~, destinatar~')}"
    rf"|{any_phrase('konfidentiell~, avsedd för, fortrolig~, tiltenkt, конфіденційн~, конфиденциальн~, سرية, الرسالة سرية, externe absender, expéditeur externe')}"
    rf"|{any_phrase('outside your organization, from an external sender, came from outside, outside of nhs, outside the council, outside the trust')}"
    rf"|{any_phrase('think before you click, do not open links, do not open attachments, nhsmail is the secure email, daeth yr e-bost hwn')}"
    rf"|{any_phrase('think before you print, before you print, before printing, avant d’imprimer, n’imprimez, pensez à l’environnement, antes de imprimir, piense en el medio ambiente, proteja el medio ambiente, prima di stampare')}"
    rf"|{any_phrase('non stampare, rispetta l’ambiente, denk aan het milieu, mail ausdrucken, vor dem ausdrucken, zanim wydrukujesz, przed wydrukowaniem, tänk på miljön, tænk på miljøet')}"
    rf"|{any_phrase('ajattele ympäristöä, než * vytisknete, mielőtt kinyomtat~, meddyliwch cyn argraffu, cyn argraffu, auf viren geprüft, antivirus-software, antivirussoftware, antivirensoftware, avast com')}"
    rf"|{any_phrase('controllata per virus, vírus verificad~, contrôlé par, wolna od wirusów, virusvrij, has been scanned for, has been scanned by')}"
    rf"|{any_phrase('correspondence in welsh, contact us in welsh, yn gymraeg neu saesneg, respond in welsh, medium of welsh, ohebiaeth yn gymraeg, gohebiaeth yn gymraeg, ohebiaeth yn y gymraeg, gohebiaeth yn y gymraeg')}"
    rf"|{any_phrase('cyfrwng y gymraeg, follow us on, find us on, connect with us on, dilynwch ni ar, folgen sie uns auf, suivez-nous sur, síguenos en, seguici su, volg ons op')}"
    rf"|{any_phrase('von extern, von außerhalb, extérieur de l’organisation, fuera de la organización, all’esterno dell’organizzazione, buiten de organisatie')})"
)

NEWS: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('no longer, has died, have died, is dead, deceased, has left, has moved, has retired, quarantin~, blocked, block it, rejected')}"
    rf"|{any_phrase('not accept~, undeliver~, not delivered, not be delivered, does not exist, recipient unknown, by mistake, by accident, in hell, from hell')})(?: |$)"
)
"""What no footer says: that somebody is gone, or that a message did not get through."""

FIRST_PERSON: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('i, me, my, mine, myself, im, ive, ich, mich, mir, mein, meine, meinen, je, jai, moi, mon, ma, mes, yo, mi, mis, io, mio, mia')}"
    rf"|{any_phrase('ik, mij, mijn, ja, mnie, mój, moja, mojego, eu, meu, minha, mea, meu, jag, mig, min, mitt, jeg, meg, mitt, я, мене, мені, мій, мою')}"
    rf"|{any_phrase('меня, мне, мой, мою, fi, fy, dwi, rwyf, أنا, مجھے, میں, ਮੈਂ, ਮੈਨੂੰ')})(?: |$)"
)

LEGAL: Final = re.compile(
    rf"(?:^| )(?P<said>{any_phrase('charitable body, buidheann carthannais, elusen gofrestredig, limited by guarantee, arwain at oedi, strictly prohibited, may be unlawful, accept~ no liability')}"
    rf"|{any_phrase('pièces jointes, l’intégrité de ce message, tenue responsable, rechtlich geschützt~, diese e-mail enthält, vernichten sie, archivos adjuntos, proceda a su destrucción')}"
    rf"|{any_phrase('le informazioni contenute, ne è vietata, uitsluitend bestemd, is verboden, treść tej wiadomości, trwałe * usunięcie, ficheiros anexos, elimine-a, atașamente')}"
    rf"|{any_phrase('detta meddelande, omedelbart radera, luottamuksellin~, liitteineen, důvěrn~, přílohy, bizalmas, mellékletei, εμπιστευτικ~, συνημμένα, gizli~, ekleri, 保密, 附件, 機密, 添付')})(?= |$)"
)
"""What long footers hold; a text with two of these is one."""

REMARKS: Final = phrase_set("""
only, but, nothing, want, why, who, wrong, unig, pam, nur, aber, warum, seulement, mais, pourquoi, solo, pero, ma, perché, alleen, maar, tylko, ale, inte, men
""")
"""Words by which a short line that looks like a footer is its writer's own."""

BANNERS: Final = phrase_set("""
report suspicious, external email, external sender, external, this message is from an external sender, zjqcmqryfpfptbannerstart, zjqcmqryfpfptbannerend
""")
"""Whole lines that mail filters put into what they let through."""

FACTS: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('charity number, charity no, company number, company no, registered no, registered number, vat number, vat no, vat reg, rhif elusen, rhif y cwmni, registered office')}"
    rf"|{any_phrase('sitz der gesellschaft, amtsgericht, registergericht, handelsregister, hrb, hra, geschäftsführer, geschäftsführerin, geschäftsführung, aufsichtsrats, vorstand, ust-idnr, ust-id, steuernummer')}"
    rf"|{any_phrase('siret, siren, rcs, au capital de, tva, cif, nif, registro mercantil, p iva, partita iva, c f, rea, capitale sociale, kvk, btw, nip, regon, krs, sąd rejonowy, kapitał zakładowy')}"
    rf"|{any_phrase('nipc, capital social, org nr, organisationsnummer, cvr, cvr-nr, y-tunnus, ičo, dič, adószám, cégjegyzékszám, αφμ, инн, огрн, кпп, єдрпоу, pronouns, working days, office hours, opening hours')})(?: |$)"
)
"""What lines of a signature hold that the law wants there, and the like: the register, the managers, the hours."""
FACT_WORDS: Final = phrase_set("""
registered, charity, number, company, limited, guarantee, england, wales, scotland, office, street, road, gesellschaft, sitz, vorsitzender, vorsitzende, vorsitz, aufsichtsrats, capital
euros, euro, société, numéro, capitale, sociale, versato, sąd, rejonowy, kapitał, zakładowy, numer, pronouns, days, hours, working, monday, tuesday, wednesday, thursday, friday, with, elusen, rhif, cwmni, inscrita, registro, mercantil
""")
"""Words in small letters that such lines may hold."""

WORKING_HOURS: Final = re.compile(
    rf"(?:{any_phrase('my working days are, my working hours are, my normal working days are, my normal working hours are, my work pattern is, i work part time, i work flexibly')}"
    rf"|{any_phrase('fy niwrnodau gwaith yw, fy oriau gwaith yw, meine arbeitszeiten, meine bürozeiten, mes jours de travail')})(?: \S+){{0,14}}"
)

HEADS: Final = phrase_set("""
manager, director, officer, lead, head, deputy, assistant, coordinator, co-ordinator, administrator, inspector, headteacher, principal, secretary, councillor, nurse, matron, consultant, advisor, adviser, analyst
responsable, directeur, directrice, chargée, chargé, beleidsmedewerker, adviseur, manager kwaliteit, qualitätsmanagement, qualitätsmanagerin, einrichtungsleitung, einrichtungsleiterin
einrichtungsleiter, pflegedienstleitung, heimleitung, sachbearbeiter, sachbearbeiterin, referent, referentin, geschäftsführerin, geschäftsführer, responsabile, direttore, direttrice, directora, técnica, técnico
diretora, diretor, kierownik, specjalista, dyrektor, kvalitetschef, handläggare, rheolwr, pennaeth, swyddog
""")
"""What posts are called; each has one of these words."""

POSTS: Final = HEADS | phrase_set("""
senior, quality, care, compliance, improvement, social, adult, children, education, policy, governance, registered, commissioning, services, safeguarding, practice, business, clinical, performance, and, of, for, the, de, la, du, des, di, für, und, et, van, en
qualité, mission, zorg, kwaliteit, qualità, calidad, qualidade, jakości
""")
"""Words of posts; a line of nothing else, with one of `HEADS`, is one, whether or not it has capitals."""

DOUBTS: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('but, only, if, unless, except, however, though, maybe, perhaps, later, wait, until, once, first, before, ring, instead, not, never, dont, cannot, cant, wont, aber, nur, wenn, falls, erst, nicht, kein~')}"
    rf"|{any_phrase('mais, seulement, sauf, pas, jamais, pero, solo, salvo, nunca, però, soltanto, mai, maar, alleen, tenzij, niet, geen, ale, tylko, jeśli, nie, mas, apenas, somente, não, doar, dacă, bara')}"
    rf"|{any_phrase('inte, kun, hvis, ikke, але, лише, якщо, не, но, только, если, لكن, فقط, إذا, لا, لیکن, صرف, اگر, نہیں, ਪਰ, ਸਿਰਫ਼, ਨਹੀਂ, ond, dim, mutta, vain, jos, ama, sadece, eğer, jen, pokud, αλλά, μόνο, αν, csak')})(?: |$)"
    rf"|{'|'.join(map(fold, listed('但, 不过, 不過, 可是, 只, 如果, でも, ただし, けど, けれど, もし')))}"
)
"""What makes a line below a name say something, such as a condition."""

AND: Final = phrase_set("i, ma, ja, im, eu, fi")
"""Words of `FIRST_PERSON` that are others in another language: "i" is "and" in Polish, and "in" in Danish."""

TITLES: Final = phrase_set(
    "mr, mrs, ms, miss, mx, dr, prof, she, her, hers, he, him, his, they, them, theirs, sir, dame, herr, frau, m, mme, mlle, sr, sra, dott, drs, ir, rev, cllr"
)

PROTESTS: Final = phrase_set("""
stop, unsubscribe, remove, delete, cancel, spam, scam, phishing, fraud, report, reported, complain, complaint, complaints, ombudsman, ico, gdpr, dsgvo, rgpd, police, lawyer, solicitor, harassment
""")
"""Words with which somebody objects, wherever they stand: under a name as well."""

UNLIKE_TITLES: Final = PROTESTS | frozenset(
    word
    for phrase in listed("""
i, im, you, your, we, our, it, this, that, me, my, not, no, never, nothing, nobody, stop, wrong, who, what, why, how, please, but, is, are, was
again, later, another, moved, retired, gone, yet, away, out, ticket, request, received, urgent, now
dont, didnt, cant, wont, do, does, did, want, leave, remove, unsubscribe, delete, cancel, spam, only, if, or, unless, maybe, later, wait
nein, ring, call, longer, falsch, quatsch, irrtum, missverständnis, verwechslung, erreur, faux, error, errore, fout, błąd, mistake, nonsense, rubbish, no thanks
nicht, kein, keine, nie, wer, was, warum, pas, jamais, qui, non, rien, nada, nunca, quien, mai, chi, niet, nooit, geen, wie, kto, nu, cine
nej, nei, inte, ikke, aldrig, aldri, hvem, vem, не, ні, нет, кто, хто, na, dim, pwy
""")
    for word in fold(phrase).split()
)

SIGN_OFFS: Final = phrase_set("""
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
many thanks and kind/best/warm regards/wishes, many thanks and regards, thanks and kind/best regards/wishes, thank you and kind/best regards, with many thanks and best wishes, kind regards and thanks
danke und viele grüße, vielen dank und freundliche grüße, vielen dank und viele grüße, merci et bonne journée, cordialmente, muito obrigado e cumprimentos, best regards and many thanks
terveisin, ystävällisin terveisin, parhain terveisin, ystävällisesti, terv, s pozdravem, s přátelským pozdravem, zdravím, hezký den, s úctou, üdvözlettel, tisztelettel, üdv, köszönettel, szívélyes üdvözlettel
με εκτίμηση, φιλικά, με φιλικούς χαιρετισμούς, χαιρετισμούς, saygılarımla, saygılar, iyi çalışmalar, sevgiler, iyi günler dilerim, 此致, 敬礼, 敬禮, 祝好, 敬上, 敬具, 以上
مع التحية, تحياتي, مع أطيب التحيات, والسلام, خیر اندیش, نیک خواہشات, ਸ਼ੁਭ ਇੱਛਾਵਾਂ
""")

THANKS: Final = phrase_set("""
thanks, thank you, many thanks, cheers, thanks and regards, thanks in advance, with thanks, ta, diolch, diolch yn fawr, merci, merci d’avance, merci beaucoup
kiitos, kiitos paljon, děkuji, díky, köszönöm, ευχαριστώ, teşekkürler, teşekkür ederim, 谢谢, 謝謝, ありがとうございます, よろしくお願いします, よろしくお願いいたします
danke, vielen dank, besten dank, danke und gruß, gracias, muchas gracias, grazie, grazie mille, bedankt, dank u, alvast bedankt, dziękuję, dzięki
obrigado, obrigada, mulțumesc, vă mulțumesc, tack, tack på förhand, tak, mange tak, takk, tusen takk, дякую, спасибо, شكرا, شکریہ, ਧੰਨਵਾਦ
""")
